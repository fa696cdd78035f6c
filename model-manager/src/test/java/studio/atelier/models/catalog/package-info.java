@NullMarked
package studio.atelier.models.catalog;

import org.jspecify.annotations.NullMarked;
