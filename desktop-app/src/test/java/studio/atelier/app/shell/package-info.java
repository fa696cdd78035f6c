/** The frame of the window, as far as it can be tried without one. */
@NullMarked
package studio.atelier.app.shell;

import org.jspecify.annotations.NullMarked;
