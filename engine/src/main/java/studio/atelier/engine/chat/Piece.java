package studio.atelier.engine.chat;

/** A part of an answer as {@link OutputParser} tells it: text, thinking, or a whole {@link ToolCall}. */
public sealed interface Piece permits Piece.Text, Piece.Reasoning, ToolCall {
    /** What the person reads; never empty. Pieces of one answer joined are its text. */
    record Text(String text) implements Piece {}

    /** What the model thinks before it answers; never empty. */
    record Reasoning(String text) implements Piece {}
}
