/** The studio's window, and the one place where a run of the program begins. */
@NullMarked
package studio.atelier.app;

import org.jspecify.annotations.NullMarked;
