/**
 * The messages of one conversation as a web page inside the window: Markdown becomes safe HTML, and only what changed is
 * sent to the page.
 */
@NullMarked
package studio.atelier.app.page;

import org.jspecify.annotations.NullMarked;
