/** Tests of the store. */
@NullMarked
package studio.atelier.app.store;

import org.jspecify.annotations.NullMarked;
