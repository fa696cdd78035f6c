package studio.atelier.engine.chat;

import org.jspecify.annotations.Nullable;

/**
 * A tool that the model asks for.
 *
 * @param id what the tool's result refers to; null when the model named none
 * @param name the tool's name
 * @param arguments the arguments as JSON text, normally an object
 */
public record ToolCall(@Nullable String id, String name, String arguments) implements Piece {}
