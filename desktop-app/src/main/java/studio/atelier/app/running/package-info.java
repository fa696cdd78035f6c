/** The one model that is open in the window, and what state it is in. */
@NullMarked
package studio.atelier.app.running;

import org.jspecify.annotations.NullMarked;
