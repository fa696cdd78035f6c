package studio.atelier.engine;

/**
 * What a session tells while it answers, in this order: any number of {@link Reading}, then the pieces of the answer
 * between {@link Written}, then exactly one {@link Finished} or {@link Failed}.
 */
public sealed interface GenerationEvent {
    /**
     * The prompt is being read.
     *
     * @param readTokens tokens read so far, the reused ones included
     * @param promptTokens tokens to read in all
     * @param reusedTokens those already in the KV cache
     */
    record Reading(int readTokens, int promptTokens, int reusedTokens) implements GenerationEvent {}

    /** The next piece of the answer. */
    record Text(String text) implements GenerationEvent {}

    /** The next piece of the model's thinking. */
    record Reasoning(String text) implements GenerationEvent {}

    /** The model asks for a tool; {@code argumentsJson} is a JSON object as the model wrote it. */
    record ToolCall(String name, String argumentsJson) implements GenerationEvent {}

    /** The figures so far; sent after every token. */
    record Written(Statistics statistics) implements GenerationEvent {}

    /** The answer is complete. */
    record Finished(FinishReason reason, Statistics statistics) implements GenerationEvent {}

    /** The answer could not be given, or not be completed; what was sent before stands. */
    record Failed(EngineException cause) implements GenerationEvent {}

    /** Why an answer ended. */
    enum FinishReason {
        /** The model ended it, or a stop text was met. */
        STOP,
        /** The limit of the request was reached. */
        MAX_TOKENS,
        /** The session's context is full. */
        CONTEXT_FULL,
        /** {@link Session#cancel()} was called. */
        CANCELLED
    }
}
