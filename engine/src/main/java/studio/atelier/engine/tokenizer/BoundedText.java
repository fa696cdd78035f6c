package studio.atelier.engine.tokenizer;

/**
 * A text that counts how often a regular expression looks at it and stops a runaway one. An honest expression looks at
 * a character a few dozen times; one that backtracks without end would otherwise hold the engine's thread for ever.
 */
final class BoundedText implements CharSequence {
    private static final long LOOKS_PER_CHARACTER = 2_000;
    private static final long LOOKS_AT_LEAST = 10_000_000;

    private final String text;
    private final String pattern;
    private long looksLeft;

    BoundedText(String text, String pattern) {
        this.text = text;
        this.pattern = pattern;
        this.looksLeft = LOOKS_AT_LEAST + LOOKS_PER_CHARACTER * text.length();
    }

    @Override
    public char charAt(int index) {
        if (--looksLeft < 0) {
            throw new IllegalStateException("The tokenizer's regular expression " + pattern
                    + " did not come to an end on a text of " + text.length()
                    + " characters; shorten the text or use another tokenizer.json.");
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text;
    }

    /** Whether the offset lies between the two halves of a surrogate pair. */
    boolean splitsPair(int offset) {
        return offset > 0
                && offset < text.length()
                && Character.isLowSurrogate(text.charAt(offset))
                && Character.isHighSurrogate(text.charAt(offset - 1));
    }
}
