@NullMarked
package studio.atelier.models.hub;

import org.jspecify.annotations.NullMarked;
