package studio.atelier.engine.chat.jinja;

import java.util.Locale;

/** What Python's {@code str} knows about characters. */
final class Characters {
    private Characters() {}

    /** Whether Python counts the character as white space. */
    static boolean isSpace(int point) {
        return switch (point) {
            case '\t',
                    '\n',
                    0x0B,
                    '\f',
                    '\r',
                    0x1C,
                    0x1D,
                    0x1E,
                    0x1F,
                    ' ',
                    0x85,
                    0xA0,
                    0x1680,
                    0x2028,
                    0x2029,
                    0x202F,
                    0x205F,
                    0x3000 -> true;
            default -> point >= 0x2000 && point <= 0x200A;
        };
    }

    /** Whether {@code repr} writes the character as it is. */
    static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }

    static boolean isAlphabetic(int point) {
        return switch (Character.getType(point)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> true;
            default -> false;
        };
    }

    static boolean isDecimal(int point) {
        return Character.getType(point) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /** Digits in a wider sense, as superscripts. */
    static boolean isDigit(int point) {
        return isDecimal(point)
                || point == 0xB2
                || point == 0xB3
                || point == 0xB9
                || (point >= 0x2070 && point <= 0x2089 && isNumeric(point))
                || (point >= 0x2460 && point <= 0x2468)
                || (point >= 0x2474 && point <= 0x247C)
                || (point >= 0x2488 && point <= 0x2490);
    }

    static boolean isNumeric(int point) {
        return switch (Character.getType(point)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> Character.isIdeographic(point) && "一二三四五六七八九十百千万億兆零〇两壹贰叁肆伍陆柒捌玖拾".indexOf(point) >= 0;
        };
    }

    static boolean isCased(int point) {
        return Character.isUpperCase(point) || Character.isLowerCase(point) || Character.isTitleCase(point);
    }

    /** Whether the text is a name that Python accepts. */
    static boolean isIdentifier(String text) {
        if (text.isEmpty()) {
            return false;
        }
        int first = text.codePointAt(0);
        return (first == '_' || Character.isUnicodeIdentifierStart(first))
                && text.codePoints()
                        .skip(1)
                        .allMatch(point ->
                                Character.isUnicodeIdentifierPart(point) && !Character.isIdentifierIgnorable(point));
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    /** The first character in title case, the rest in lower case. */
    static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int end = text.offsetByCodePoints(0, 1);
        return titleCase(text.codePointAt(0)) + lower(text.substring(end));
    }

    /** One character in title case, which may be several: ß becomes Ss. */
    static String titleCase(int point) {
        int title = Character.toTitleCase(point);
        if (title != point) {
            return Character.toString(title);
        }
        String upper = upper(Character.toString(point));
        int first = 0;
        while (first < upper.length() && !isCased(upper.codePointAt(first))) {
            first += Character.charCount(upper.codePointAt(first));
        }
        int rest = first < upper.length() ? first + Character.charCount(upper.codePointAt(first)) : first;
        return upper.substring(0, rest) + lower(upper.substring(rest));
    }

    static String strip(String text) {
        return stripRight(stripLeft(text));
    }

    static String stripLeft(String text) {
        int from = 0;
        while (from < text.length() && isSpace(text.charAt(from))) {
            from++;
        }
        return text.substring(from);
    }

    static String stripRight(String text) {
        int to = text.length();
        while (to > 0 && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(0, to);
    }
}
