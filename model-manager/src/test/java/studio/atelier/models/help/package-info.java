/** The help pages that come with the program, and finding the section that a question is about. */
@NullMarked
package studio.atelier.models.help;

import org.jspecify.annotations.NullMarked;
