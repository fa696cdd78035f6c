/** Models on this machine: the one that comes with the program. */
@NullMarked
package studio.atelier.models.store;

import org.jspecify.annotations.NullMarked;
