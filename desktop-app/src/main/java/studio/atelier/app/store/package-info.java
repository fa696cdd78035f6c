/** Where the program keeps its files, and the database file that holds the conversations. Knows no window. */
@NullMarked
package studio.atelier.app.store;

import org.jspecify.annotations.NullMarked;
