/** The program without a window: commands for the terminal. A new command is a class and a line in {@link Studio}. */
@NullMarked
package studio.atelier.cli;

import org.jspecify.annotations.NullMarked;
