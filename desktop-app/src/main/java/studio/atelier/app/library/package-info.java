/** The conversations as the window knows them: in memory at once, in the store a moment later, in the same order. */
@NullMarked
package studio.atelier.app.library;

import org.jspecify.annotations.NullMarked;
