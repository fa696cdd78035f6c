/** The window as a whole, in front of a scripted model and on a screen that nobody sees. */
@NullMarked
package studio.atelier.app;

import org.jspecify.annotations.NullMarked;
