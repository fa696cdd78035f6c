/** Tests of the commands. */
@NullMarked
package studio.atelier.cli;

import org.jspecify.annotations.NullMarked;
