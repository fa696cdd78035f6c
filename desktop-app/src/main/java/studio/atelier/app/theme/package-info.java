/** Colours, fonts and text size of the window, light and dark. */
@NullMarked
package studio.atelier.app.theme;

import org.jspecify.annotations.NullMarked;
