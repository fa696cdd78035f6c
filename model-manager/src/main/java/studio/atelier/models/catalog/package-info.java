/** Which model runs well on which machine: numbers first, and where each comes from. */
@NullMarked
package studio.atelier.models.catalog;

import org.jspecify.annotations.NullMarked;
