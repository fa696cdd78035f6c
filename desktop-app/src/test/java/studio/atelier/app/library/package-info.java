/** Tests of conversations as files. */
@NullMarked
package studio.atelier.app.library;

import org.jspecify.annotations.NullMarked;
