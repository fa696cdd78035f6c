/** Conversations: what the reader sees of them, the composer, the figures and the settings of one chat. */
@NullMarked
package studio.atelier.app.chat;

import org.jspecify.annotations.NullMarked;
