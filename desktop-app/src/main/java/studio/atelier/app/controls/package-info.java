/** Small controls that several parts of the window use; none of them knows a feature. */
@NullMarked
package studio.atelier.app.controls;

import org.jspecify.annotations.NullMarked;
