/** Tests of looking for newer versions. */
@NullMarked
package studio.atelier.app.updates;

import org.jspecify.annotations.NullMarked;
