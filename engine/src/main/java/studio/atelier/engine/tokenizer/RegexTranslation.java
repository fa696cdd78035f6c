package studio.atelier.engine.tokenizer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of tokenizer files, written for Oniguruma, as {@link Pattern}s that match the same text.
 *
 * <p>Most of the syntax is shared. The differences handled here: script and category names in {@code \p{…}}, POSIX
 * brackets, {@code \h \v \N \O}, {@code {n,m}+} (a repeated interval, not a possessive one), {@code {,m}}, a literal
 * brace, {@code (?m)} for a dot that matches newlines, and anchors and dots that know {@code \n} only. Source: the
 * Oniguruma 6.9 document "RE", syntax "Ruby".
 */
final class RegexTranslation {
    private static final int MAX_LENGTH = 20_000;
    private static final int MAX_CLASS_DEPTH = 50;
    private static final String SHARED_ESCAPES = "AdDsSaefnrtzZGRXuck0123456789";

    // Java counts the two joiners as word characters. Oniguruma does not, and outside brackets it takes Latin-1's
    // superscript digits and fractions for some.
    private static final String WORD_IN_CLASS = "[\\w&&[^\\x{200C}\\x{200D}]]";
    private static final String NO_WORD_IN_CLASS = "[\\W\\x{200C}\\x{200D}]";
    private static final String WORD = "[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\x{200C}\\x{200D}]]";
    private static final String NO_WORD = "[\\W\\x{200C}\\x{200D}&&[^\\xB2\\xB3\\xB9\\xBC-\\xBE]]";
    private static final String BORDER = "(?:(?<=" + WORD + ")(?!" + WORD + ")|(?<!" + WORD + ")(?=" + WORD + "))";
    private static final String NO_BORDER = "(?:(?<=" + WORD + ")(?=" + WORD + ")|(?<!" + WORD + ")(?!" + WORD + "))";

    private final String source;
    private final StringBuilder out = new StringBuilder();
    private final Deque<Integer> groupStarts = new ArrayDeque<>();
    private int at;
    // Where the last atom begins in the output: a quantified quantifier wraps from here.
    private int atomStart;

    private RegexTranslation(String source) {
        this.source = source;
    }

    /**
     * Compiles the expression.
     *
     * @throws PatternSyntaxException when it is no regular expression, or uses what Java cannot match
     */
    static Pattern compile(String source) {
        if (source.length() > MAX_LENGTH) {
            throw new PatternSyntaxException("longer than " + MAX_LENGTH + " characters", "", -1);
        }
        try {
            int flags = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES | Pattern.MULTILINE;
            return Pattern.compile(new RegexTranslation(source).translate(), flags);
        } catch (StackOverflowError e) {
            throw new PatternSyntaxException("nested too deeply", source, -1);
        }
    }

    private String translate() {
        while (at < source.length()) {
            char c = source.charAt(at);
            switch (c) {
                case '\\' -> {
                    atomStart = out.length();
                    escape(Place.OUTSIDE_CLASS);
                }
                case '[' -> {
                    atomStart = out.length();
                    characterClass(0);
                }
                case '(' -> openGroup();
                case ')' -> {
                    at++;
                    out.append(')');
                    atomStart = groupStarts.isEmpty() ? 0 : groupStarts.pop();
                }
                case '{' -> interval();
                case '*', '+', '?' -> {
                    out.append(c);
                    at++;
                    if (at < source.length() && (source.charAt(at) == '+' || source.charAt(at) == '?')) {
                        out.append(source.charAt(at++));
                    }
                }
                case ']', '}' -> literal("\\" + c);
                default -> {
                    String text = Character.toString(source.codePointAt(at));
                    literal(text);
                    at += text.length() - 1;
                }
            }
        }
        // Java looks behind one UTF-16 unit at a time unless the expression holds a supplementary character further on.
        return out.indexOf("(?<") >= 0 ? out.append("(?:\uD800\uDC00){0}").toString() : out.toString();
    }

    private void literal(String translated) {
        atomStart = out.length();
        out.append(translated);
        at++;
    }

    private void openGroup() {
        if (source.startsWith("(?#", at)) {
            int end = source.indexOf(')', at);
            at = end < 0 ? source.length() : end + 1;
            return;
        }
        int start = out.length();
        out.append('(');
        at++;
        if (at < source.length() && source.charAt(at) == '?') {
            out.append('?');
            at++;
            while (at < source.length() && "imx-".indexOf(source.charAt(at)) >= 0) {
                out.append(source.charAt(at) == 'm' ? 's' : source.charAt(at));
                at++;
            }
            // The rest of the opening is no pattern: lookaround signs, a name, or the end of the flags.
            while (at < source.length() && ":=!<>".indexOf(source.charAt(at)) >= 0) {
                out.append(source.charAt(at++));
            }
        }
        groupStarts.push(start);
    }

    /** An interval; what follows it quantifies the whole, except the {@code ?} of a lazy {@code {n,m}?}. */
    private void interval() {
        int end = source.indexOf('}', at);
        String inside = end < 0 ? "" : source.substring(at + 1, end);
        if (!inside.matches("\\d{1,6}(,\\d{0,6})?|,\\d{1,6}")) {
            literal("\\{");
            return;
        }
        out.append('{').append(inside.startsWith(",") ? "0" + inside : inside).append('}');
        at = end + 1;
        char after = at < source.length() ? source.charAt(at) : 0;
        if (after == '?' && inside.contains(",")) {
            out.append('?');
            at++;
        } else if (after == '+' || after == '?' || after == '*') {
            out.insert(atomStart, "(?:").append(')');
        }
    }

    private void characterClass(int depth) {
        if (depth > MAX_CLASS_DEPTH) {
            throw new PatternSyntaxException("character classes nested too deeply", source, at);
        }
        out.append('[');
        at++;
        if (at < source.length() && source.charAt(at) == '^') {
            out.append('^');
            at++;
        }
        if (at < source.length() && source.charAt(at) == ']') {
            out.append("\\]");
            at++;
        }
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == ']') {
                out.append(']');
                at++;
                return;
            } else if (c == '[' && source.startsWith("[:", at) && source.indexOf(":]", at) > 0) {
                int end = source.indexOf(":]", at);
                out.append(RegexProperty.translateBracket(source.substring(at + 2, end)));
                at = end + 2;
            } else if (c == '[') {
                characterClass(depth + 1);
            } else if (c == '\\') {
                escape(Place.INSIDE_CLASS);
            } else {
                out.append(c);
                at++;
            }
        }
        throw new PatternSyntaxException("a character class is not closed", source, source.length());
    }

    private enum Place {
        INSIDE_CLASS,
        OUTSIDE_CLASS
    }

    private void escape(Place place) {
        if (at + 1 >= source.length()) {
            throw new PatternSyntaxException("ends with a backslash", source, at);
        }
        int escaped = source.codePointAt(at + 1);
        at += 1 + Character.charCount(escaped);
        switch (escaped) {
            case 'p', 'P' -> property(escaped == 'P' ? "^" : "");
            case 'h' -> out.append("[0-9a-fA-F]");
            case 'H' -> out.append("[^0-9a-fA-F]");
            case 'v' -> out.append("\\x0B");
            case 'N' -> out.append("[^\\n]");
            case 'O' -> out.append("(?s:.)");
            case 'K', 'g' -> throw new PatternSyntaxException("\\" + (char) escaped + " is not supported", source, at);
            case 'w' -> out.append(place == Place.INSIDE_CLASS ? WORD_IN_CLASS : WORD);
            case 'W' -> out.append(place == Place.INSIDE_CLASS ? NO_WORD_IN_CLASS : NO_WORD);
            case 'b' -> out.append(place == Place.INSIDE_CLASS ? "\\x08" : BORDER);
            case 'B' -> out.append(place == Place.INSIDE_CLASS ? "B" : NO_BORDER);
            case 'x' -> hexadecimal();
            default -> {
                boolean letter = escaped < 0x80 && Character.isLetterOrDigit(escaped);
                if ((letter && SHARED_ESCAPES.indexOf(escaped) >= 0) || (!letter && escaped < 0x80)) {
                    out.append('\\');
                }
                out.appendCodePoint(escaped);
            }
        }
    }

    /** A character by its number, {@code \x41} or {@code \x{1F600}}: braces are no interval here. */
    private void hexadecimal() {
        out.append("\\x");
        int end = source.startsWith("{", at) ? source.indexOf('}', at) : -1;
        if (end > 0) {
            out.append(source, at, end + 1);
            at = end + 1;
        }
    }

    private void property(String negation) {
        int end = source.indexOf('}', at);
        if (at >= source.length() || source.charAt(at) != '{' || end < 0) {
            throw new PatternSyntaxException("\\p is not followed by {name}", source, at);
        }
        out.append(RegexProperty.translate(source.substring(at + 1, end), negation));
        at = end + 1;
    }
}
