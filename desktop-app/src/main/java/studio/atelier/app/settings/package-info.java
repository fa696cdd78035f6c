/** What the person chose for the whole program: the sheet, its model and the file they are kept in. */
@NullMarked
package studio.atelier.app.settings;

import org.jspecify.annotations.NullMarked;
