package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.engine.chat.jinja.Token.Kind;

/**
 * Cuts a template into tokens: text, tags, and what stands in tags. White space around tags goes as transformers sets
 * it: a tag that starts its line takes the line's indent with it, a block tag also the line break that follows it, and
 * the signs {@code -} and {@code +} at a tag take all or nothing.
 */
final class Lexer {
    /** Characters of a template; the longest known ones have 20,000. */
    static final int MAX_SOURCE_CHARACTERS = 1 << 20;

    private static final Pattern SPACE = Pattern.compile("[\\s\\x1c-\\x1f\\x85\\p{Z}]++");
    private static final Pattern RAW_BEGIN = withSpace("\\{%([-+]?)S*raw S*(?:-%\\}S*|%\\})");
    private static final Pattern RAW_END = withSpace("\\{%([-+]?)S*endraw S*(?:\\+%\\}|-%\\}S*|%\\}\\n?)");
    private static final Pattern BLOCK_END = withSpace("\\+%\\}|-%\\}S*|%\\}\\n?");
    private static final Pattern PRINT_END = withSpace("-\\}\\}S*|\\}\\}");

    private final String source;
    private final ExpressionLexer expressions;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;
    private int lineCountedTo;

    /** Whether what comes next stands at the beginning of a line. */
    private boolean lineStarting = true;

    private Lexer(String source) {
        this.source = source;
        this.expressions = new ExpressionLexer(source);
    }

    static List<Token> tokens(String template) {
        if (template.length() > MAX_SOURCE_CHARACTERS) {
            throw JinjaException.limit(
                    "the template is " + template.length() + " characters long, more than " + MAX_SOURCE_CHARACTERS);
        }
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        var lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private static Pattern withSpace(String regex) {
        return Pattern.compile(regex.replace(" ", "").replace("S*", "[\\s\\x1c-\\x1f\\x85\\p{Z}]*+"));
    }

    private void run() {
        while (position < source.length()) {
            int tag = nextTag(position);
            if (tag < 0) {
                data(source.substring(position), source.length());
                break;
            }
            char kind = source.charAt(tag + 1);
            Matcher raw = RAW_BEGIN.matcher(source).region(tag, source.length());
            if (kind == '%' && raw.lookingAt()) {
                data(before(tag, raw.group(1), true), raw.end());
                raw();
                continue;
            }
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            String control = sign == '-' || sign == '+' ? String.valueOf(sign) : "";
            data(before(tag, control, kind != '{'), tag + 2 + control.length());
            switch (kind) {
                case '#' -> comment();
                case '%' -> tag(Kind.BLOCK_BEGIN, Kind.BLOCK_END, BLOCK_END);
                default -> tag(Kind.PRINT_BEGIN, Kind.PRINT_END, PRINT_END);
            }
        }
        add(Kind.END, "");
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The text before a tag without what the tag takes away. */
    private String before(int tag, String control, boolean takesIndent) {
        String text = source.substring(position, tag);
        if (control.equals("-")) {
            return Characters.stripRight(text);
        }
        if (control.isEmpty() && takesIndent) {
            int start = text.lastIndexOf('\n') + 1;
            boolean atLineStart = start > 0 || lineStarting;
            if (atLineStart && Characters.strip(text.substring(start)).isEmpty()) {
                return text.substring(0, start);
            }
        }
        return text;
    }

    private void data(String text, int end) {
        if (!text.isEmpty()) {
            add(Kind.DATA, text);
        }
        moveTo(end);
    }

    private void add(Kind kind, String text) {
        while (lineCountedTo < position) {
            if (source.charAt(lineCountedTo++) == '\n') {
                line++;
            }
        }
        tokens.add(new Token(kind, text, line));
    }

    private void moveTo(int end) {
        lineStarting = end > position ? source.charAt(end - 1) == '\n' : lineStarting;
        position = end;
    }

    private void raw() {
        Matcher end = RAW_END.matcher(source);
        for (int i = source.indexOf("{%", position); i >= 0; i = source.indexOf("{%", i + 1)) {
            if (end.region(i, source.length()).lookingAt()) {
                data(before(i, end.group(1), true), end.end());
                return;
            }
        }
        if (position < source.length()) {
            throw syntax("Missing end of raw directive");
        }
    }

    private void comment() {
        int end = source.indexOf("#}", position);
        if (end < 0) {
            if (position < source.length()) {
                throw syntax("Missing end of comment tag");
            }
            return;
        }
        char sign = end > position ? source.charAt(end - 1) : ' ';
        int after = end + 2;
        if (sign == '-') {
            Matcher space = SPACE.matcher(source).region(after, source.length());
            after = space.lookingAt() ? space.end() : after;
        } else if (sign != '+' && after < source.length() && source.charAt(after) == '\n') {
            after++;
        }
        moveTo(after);
    }

    private void tag(Kind begin, Kind end, Pattern closing) {
        add(begin, "");
        expressions.start();
        Matcher close = closing.matcher(source);
        while (position < source.length()) {
            if (!expressions.insideBrackets()
                    && close.region(position, source.length()).lookingAt()) {
                add(end, "");
                moveTo(close.end());
                return;
            }
            Matcher space = SPACE.matcher(source).region(position, source.length());
            if (space.lookingAt()) {
                moveTo(space.end());
                continue;
            }
            add(Kind.END, "");
            tokens.removeLast();
            Token token = expressions.next(position, line);
            tokens.add(token);
            moveTo(expressions.end());
        }
    }

    private JinjaException syntax(String message) {
        add(Kind.END, "");
        return JinjaException.syntax(message, line);
    }
}
