/** Makes the packages that people double-click, of the jars that the other modules make. No part of the program itself. */
@NullMarked
package studio.atelier.installers;

import org.jspecify.annotations.NullMarked;
