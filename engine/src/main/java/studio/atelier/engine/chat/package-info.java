/**
 * From a conversation to the text that a model reads, and from the text that it writes back to answer, thinking and tool
 * calls: messages, the model's own chat template, and the parser of its output.
 */
@NullMarked
package studio.atelier.engine.chat;

import org.jspecify.annotations.NullMarked;
