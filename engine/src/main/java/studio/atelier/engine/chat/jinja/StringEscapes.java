package studio.atelier.engine.chat.jinja;

/** The escapes of Python's string literals. */
final class StringEscapes {
    private final String literal;
    private final int line;
    private final StringBuilder out = new StringBuilder();
    private int position;

    private StringEscapes(String literal, int line) {
        this.literal = literal;
        this.line = line;
    }

    static String resolve(String literal, int line) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        var escapes = new StringEscapes(literal, line);
        while (escapes.position < literal.length()) {
            char c = literal.charAt(escapes.position++);
            if (c == '\\') {
                escapes.escape();
            } else {
                escapes.out.append(c);
            }
        }
        return escapes.out.toString();
    }

    private void escape() {
        char c = literal.charAt(position++);
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> out.append(c);
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'v' -> out.append('\u000B');
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            case 'U' -> hexadecimal(8);
            case 'N' -> named();
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            default -> out.append('\\').append(c);
        }
    }

    private void hexadecimal(int digits) {
        int point = 0;
        for (int i = 0; i < digits; i++) {
            int digit = position < literal.length() ? Character.digit(literal.charAt(position), 16) : -1;
            if (digit < 0 || point > Character.MAX_CODE_POINT >> 4) {
                throw JinjaException.syntax("truncated or too large escape in a string", line);
            }
            point = point * 16 + digit;
            position++;
        }
        if (point > Character.MAX_CODE_POINT) {
            throw JinjaException.syntax("illegal Unicode character", line);
        }
        out.appendCodePoint(point);
    }

    private void octal() {
        int end = position;
        while (end < literal.length() && end < position + 2 && Character.digit(literal.charAt(end), 8) >= 0) {
            end++;
        }
        out.append((char) Integer.parseInt(literal, position - 1, end, 8));
        position = end;
    }

    private void named() {
        int close = literal.indexOf('}', position);
        if (close < 0 || literal.charAt(position) != '{') {
            throw JinjaException.syntax("malformed \\N character escape", line);
        }
        try {
            out.appendCodePoint(Character.codePointOf(literal.substring(position + 1, close)));
        } catch (IllegalArgumentException e) {
            throw JinjaException.syntax("unknown Unicode character name", line);
        }
        position = close + 1;
    }
}
