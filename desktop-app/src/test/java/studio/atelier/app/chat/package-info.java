/** What the chat does, tried without a window. */
@NullMarked
package studio.atelier.app.chat;

import org.jspecify.annotations.NullMarked;
