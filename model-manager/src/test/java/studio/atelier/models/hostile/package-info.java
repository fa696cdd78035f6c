/** A hub that does everything wrong that hubs and networks do, on this machine's loopback. */
@NullMarked
package studio.atelier.models.hostile;

import org.jspecify.annotations.NullMarked;
