package studio.atelier.engine.chat.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.Token.Kind;

/** The tokens inside tags: names, numbers, strings, operators; keeps count of open brackets. */
final class ExpressionLexer {
    private static final Pattern FLOAT =
            Pattern.compile("(?<!\\.)N(?:(?:\\.N)?[eE][+-]?N|\\.N)".replace("N", "[0-9]++(?:_[0-9]++)*+"));
    private static final Pattern INTEGER = Pattern.compile(
            "0b(?:_?[01])++|0o(?:_?[0-7])++|0x(?:_?[0-9a-f])++|[1-9](?:_?[0-9])*+|0(?:_?0)*+",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{M}\\p{N}_]++");

    /** The longer ones first. */
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final Deque<String> brackets = new ArrayDeque<>();
    private int end;

    ExpressionLexer(String source) {
        this.source = source;
    }

    /** A new tag begins. */
    void start() {
        brackets.clear();
    }

    boolean insideBrackets() {
        return !brackets.isEmpty();
    }

    /** Where the token that {@link #next} gave ends. */
    int end() {
        return end;
    }

    Token next(int position, int line) {
        Token token = number(position, line);
        if (token != null) {
            return token;
        }
        Matcher name = at(NAME, position);
        if (name.lookingAt()) {
            end = name.end();
            if (!Characters.isIdentifier(name.group())) {
                throw JinjaException.syntax("Invalid character in identifier", line);
            }
            return new Token(Kind.NAME, name.group(), line);
        }
        char first = source.charAt(position);
        if (first == '\'' || first == '"') {
            int close = closingQuote(position, first);
            if (close > 0) {
                end = close + 1;
                return new Token(Kind.STRING, StringEscapes.resolve(source.substring(position + 1, close), line), line);
            }
        }
        for (String sign : OPERATORS) {
            if (source.startsWith(sign, position)) {
                end = position + sign.length();
                balance(sign, line);
                return new Token(Kind.OPERATOR, sign, line);
            }
        }
        String found = Character.toString(source.codePointAt(position));
        throw JinjaException.syntax("unexpected char " + Texts.quoted(found) + " at " + position, line);
    }

    private @Nullable Token number(int position, int line) {
        Matcher real = at(FLOAT, position);
        if (real.lookingAt()) {
            end = real.end();
            return new Token(Kind.FLOAT, real.group().replace("_", ""), line);
        }
        Matcher whole = at(INTEGER, position);
        if (whole.lookingAt()) {
            end = whole.end();
            return new Token(Kind.INTEGER, whole.group().replace("_", ""), line);
        }
        return null;
    }

    private Matcher at(Pattern pattern, int position) {
        return pattern.matcher(source).useTransparentBounds(true).region(position, source.length());
    }

    private int closingQuote(int opening, char quote) {
        for (int i = opening + 1; i < source.length(); i++) {
            char c = source.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == quote) {
                return i;
            }
        }
        return -1;
    }

    private void balance(String sign, int line) {
        switch (sign) {
            case "{" -> brackets.push("}");
            case "(" -> brackets.push(")");
            case "[" -> brackets.push("]");
            case "}", ")", "]" -> {
                if (brackets.isEmpty()) {
                    throw JinjaException.syntax("unexpected '" + sign + "'", line);
                }
                String expected = brackets.pop();
                if (!expected.equals(sign)) {
                    throw JinjaException.syntax("unexpected '" + sign + "', expected '" + expected + "'", line);
                }
            }
            default -> {}
        }
    }
}
