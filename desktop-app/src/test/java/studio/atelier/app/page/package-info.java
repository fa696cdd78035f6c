/** The page of the messages, as far as it can be tried without a window. */
@NullMarked
package studio.atelier.app.page;

import org.jspecify.annotations.NullMarked;
