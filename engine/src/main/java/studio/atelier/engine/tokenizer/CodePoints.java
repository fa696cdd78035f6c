package studio.atelier.engine.tokenizer;

/** The character properties that the reference library asks for, where Java's own predicates differ from Unicode's. */
final class CodePoints {
    private CodePoints() {}

    /** Unicode's White_Space: NBSP, U+3000 and U+0085 are in, U+180E and zero-width ones are out. */
    static boolean isWhiteSpace(int codePoint) {
        return Character.isSpaceChar(codePoint) || (codePoint >= 0x9 && codePoint <= 0xD) || codePoint == 0x85;
    }

    /** What {@code \w} means in Unicode regular expressions (UTS #18, annex C). */
    static boolean isWord(int codePoint) {
        return Character.isAlphabetic(codePoint)
                || isMark(codePoint)
                || Character.getType(codePoint) == Character.DECIMAL_DIGIT_NUMBER
                || Character.getType(codePoint) == Character.CONNECTOR_PUNCTUATION
                || codePoint == 0x200C
                || codePoint == 0x200D;
    }

    static boolean isMark(int codePoint) {
        return isIn(
                codePoint,
                1 << Character.NON_SPACING_MARK
                        | 1 << Character.COMBINING_SPACING_MARK
                        | 1 << Character.ENCLOSING_MARK);
    }

    /** Any of the number categories: decimal digits, letter numbers such as Ⅷ, others such as ½. */
    static boolean isNumeric(int codePoint) {
        return isIn(
                codePoint,
                1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER);
    }

    /** Any punctuation category, and the ASCII symbols that programmers call punctuation. */
    static boolean isPunctuation(int codePoint) {
        if (codePoint < 0x80) {
            return codePoint > 0x20 && codePoint < 0x7F && !Character.isLetterOrDigit(codePoint);
        }
        return isIn(
                codePoint,
                1 << Character.CONNECTOR_PUNCTUATION
                        | 1 << Character.DASH_PUNCTUATION
                        | 1 << Character.START_PUNCTUATION
                        | 1 << Character.END_PUNCTUATION
                        | 1 << Character.INITIAL_QUOTE_PUNCTUATION
                        | 1 << Character.FINAL_QUOTE_PUNCTUATION
                        | 1 << Character.OTHER_PUNCTUATION);
    }

    /** Control, format and private use characters. */
    static boolean isOther(int codePoint) {
        return isIn(
                codePoint,
                1 << Character.CONTROL | 1 << Character.FORMAT | 1 << Character.PRIVATE_USE | 1 << Character.SURROGATE);
    }

    /** The text with every surrogate that has no partner replaced by U+FFFD: such text has no UTF-8 form. */
    static String withoutLoneSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                var repaired = new StringBuilder(text.length());
                text.codePoints()
                        .map(p -> p >= Character.MIN_SURROGATE && p <= Character.MAX_SURROGATE ? 0xFFFD : p)
                        .forEach(repaired::appendCodePoint);
                return repaired.toString();
            }
        }
        return text;
    }

    private static boolean isIn(int codePoint, int categories) {
        return (categories >>> Character.getType(codePoint) & 1) != 0;
    }
}
