/** Files from a hub onto a disk, whole and checked, through broken networks and killed programs. */
@NullMarked
package studio.atelier.models.download;

import org.jspecify.annotations.NullMarked;
