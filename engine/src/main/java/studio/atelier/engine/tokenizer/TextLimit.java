package studio.atelier.engine.tokenizer;

/**
 * How long a text may become on its way through the rules of a tokenizer. An honest file makes a text a few times
 * longer; one whose rules feed each other would otherwise fill the memory.
 */
final class TextLimit {
    static final int MAX_CHARACTERS = 1 << 26;

    private TextLimit() {}

    /**
     * Stops a text that grew too long.
     *
     * @throws IllegalStateException with one sentence for a person
     */
    static void check(long characters) {
        if (characters > MAX_CHARACTERS) {
            throw new IllegalStateException("The tokenizer's rules make this text longer than " + MAX_CHARACTERS
                    + " characters; shorten the text or use another tokenizer.json.");
        }
    }
}
