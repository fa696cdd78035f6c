/** The frame of the window: sidebar, header, menus, shortcuts, notices, and where each part stands. */
@NullMarked
package studio.atelier.app.shell;

import org.jspecify.annotations.NullMarked;
