@NullMarked
package studio.atelier.app.images;

import org.jspecify.annotations.NullMarked;
