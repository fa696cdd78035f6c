/** The list of conversations at the left: by day, searched, renamed, deleted and brought back. */
@NullMarked
package studio.atelier.app.sidebar;

import org.jspecify.annotations.NullMarked;
