/** Tests of what the packages are made of. */
@NullMarked
package studio.atelier.installers;

import org.jspecify.annotations.NullMarked;
