@NullMarked
package studio.atelier.models.download;

import org.jspecify.annotations.NullMarked;
