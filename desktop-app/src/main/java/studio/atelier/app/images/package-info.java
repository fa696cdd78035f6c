/** Pictures: asked for in words, watched while they appear, changed by talking about them, and kept. */
@NullMarked
package studio.atelier.app.images;

import org.jspecify.annotations.NullMarked;
