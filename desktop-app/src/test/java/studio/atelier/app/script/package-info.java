/** What stands in for the engine and the disk when the window is tried. */
@NullMarked
package studio.atelier.app.script;

import org.jspecify.annotations.NullMarked;
