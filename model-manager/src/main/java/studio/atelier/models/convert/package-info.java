/** From a published checkpoint to a smaller one, a tensor at a time. */
@NullMarked
package studio.atelier.models.convert;

import org.jspecify.annotations.NullMarked;
