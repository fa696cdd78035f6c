/** Tests of the one window of a folder. */
@NullMarked
package studio.atelier.app.instance;

import org.jspecify.annotations.NullMarked;
