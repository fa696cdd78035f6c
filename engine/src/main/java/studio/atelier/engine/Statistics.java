package studio.atelier.engine;

/**
 * The figures of one answer, all measured.
 *
 * @param promptTokens tokens of the whole rendered prompt
 * @param reusedTokens those of them that were still in the KV cache and were not read again
 * @param generatedTokens tokens written
 * @param firstTokenMillis from the request's turn on the engine thread to its first token
 * @param prefillTokensPerSecond prompt tokens read per second, the reused ones left out
 * @param decodeTokensPerSecond tokens written per second after the first
 * @param contextTokens tokens in the session's KV cache now
 * @param contextLimit most it may hold
 * @param draftedTokens tokens guessed ahead by a model that can; each right one saves a pass
 * @param acceptedTokens those that were right
 */
public record Statistics(
        int promptTokens,
        int reusedTokens,
        int generatedTokens,
        double firstTokenMillis,
        double prefillTokensPerSecond,
        double decodeTokensPerSecond,
        int contextTokens,
        int contextLimit,
        int draftedTokens,
        int acceptedTokens) {
    /** The figures of an answer without guesses. */
    public Statistics(
            int promptTokens,
            int reusedTokens,
            int generatedTokens,
            double firstTokenMillis,
            double prefillTokensPerSecond,
            double decodeTokensPerSecond,
            int contextTokens,
            int contextLimit) {
        this(
                promptTokens,
                reusedTokens,
                generatedTokens,
                firstTokenMillis,
                prefillTokensPerSecond,
                decodeTokensPerSecond,
                contextTokens,
                contextLimit,
                0,
                0);
    }
}
