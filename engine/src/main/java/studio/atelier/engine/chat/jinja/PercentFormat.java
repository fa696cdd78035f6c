package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.List;

/** Python's {@code '%s' % values}. */
final class PercentFormat {
    private final StringValue source;
    private final String format;
    private final Value arguments;
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();
    private int position;
    private int taken;

    private PercentFormat(StringValue source, Value arguments, Budget budget) {
        this.source = source;
        this.format = source.text();
        this.arguments = arguments;
        this.budget = budget;
    }

    static Value apply(StringValue format, Value arguments, Budget budget) {
        var run = new PercentFormat(format, arguments, budget);
        run.run();
        return format.with(run.out.toString());
    }

    private void run() {
        while (position < format.length()) {
            int percent = format.indexOf('%', position);
            if (percent < 0) {
                budget.output(out, format.substring(position));
                break;
            }
            budget.output(out, format.substring(position, percent));
            position = percent + 1;
            directive();
        }
        boolean mapping =
                arguments instanceof DictValue || arguments instanceof ListValue || arguments instanceof Undefined;
        int given = arguments instanceof TupleValue tuple ? tuple.items().size() : 1;
        if (taken < given && !mapping) {
            throw JinjaException.type("not all arguments converted during string formatting");
        }
    }

    private void directive() {
        Value named = peek() == '(' ? named() : null;
        String flags = flags();
        int width = number();
        boolean left = flags.indexOf('-') >= 0 || width < 0;
        int precision = -1;
        if (peek() == '.') {
            position++;
            precision = Math.max(0, number());
        }
        while ("hlL".indexOf(peek()) >= 0) {
            position++;
        }
        if (position >= format.length()) {
            throw JinjaException.value("incomplete format");
        }
        char type = format.charAt(position++);
        if (type == '%') {
            out.append('%');
            return;
        }
        Value value = named == null ? next() : named;
        budget.output(out, padded(text(value, type, flags, precision), Math.abs(width), left, flags, type));
    }

    /** The character here; a space behind the end, which no directive knows. */
    private char peek() {
        return position < format.length() ? format.charAt(position) : '\0';
    }

    private Value named() {
        int close = format.indexOf(')', position);
        if (close < 0) {
            throw JinjaException.value("incomplete format key");
        }
        String key = format.substring(position + 1, close);
        position = close + 1;
        if (!(arguments instanceof DictValue dict)) {
            throw JinjaException.type("format requires a mapping");
        }
        Value value = dict.get(key);
        if (value == null) {
            throw new JinjaException(JinjaException.Fault.LOOKUP, Texts.quoted(key));
        }
        return value;
    }

    private String flags() {
        int start = position;
        while ("-+ #0".indexOf(peek()) >= 0) {
            position++;
        }
        return format.substring(start, position);
    }

    private int number() {
        if (peek() == '*') {
            position++;
            BigInteger number = Numbers.index(next());
            if (number == null) {
                throw JinjaException.type("* wants int");
            }
            return checked(Numbers.clamped(number));
        }
        int start = position;
        while (Character.digit(peek(), 10) >= 0 && position < start + 9) {
            position++;
        }
        return position == start ? 0 : checked(Integer.parseInt(format, start, position, 10));
    }

    private static int checked(int number) {
        if (number > FormatSpec.MAX_WIDTH || number < -FormatSpec.MAX_WIDTH) {
            throw JinjaException.limit("a format asks for more than " + FormatSpec.MAX_WIDTH + " characters");
        }
        return number;
    }

    private Value next() {
        List<Value> all = arguments instanceof TupleValue tuple ? tuple.items() : List.of(arguments);
        if (taken >= all.size()) {
            throw JinjaException.type("not enough arguments for format string");
        }
        return all.get(taken++);
    }

    private String text(Value value, char type, String flags, int precision) {
        return switch (type) {
            case 's' -> cut(source.markup() ? Html.escape(value, budget) : Texts.str(value, budget), precision);
            case 'r', 'a' -> cut(escaped(Texts.repr(value, budget)), precision);
            case 'c' -> character(value);
            case 'd', 'i', 'u' -> signed(whole(value, type, true), 10, "", flags, precision);
            case 'x' -> signed(whole(value, type, false), 16, "0x", flags, precision);
            case 'X' -> Characters.upper(signed(whole(value, type, false), 16, "0x", flags, precision));
            case 'o' -> signed(whole(value, type, false), 8, "0o", flags, precision);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> real(value, type, flags, precision < 0 ? 6 : precision);
            default ->
                throw JinjaException.value("unsupported format character '" + type + "' (0x" + Integer.toHexString(type)
                        + ") at index " + (position - 1));
        };
    }

    private String escaped(String text) {
        return source.markup() ? Html.escape(text) : text;
    }

    private static String cut(String text, int precision) {
        return precision >= 0 && precision < text.codePointCount(0, text.length())
                ? text.substring(0, text.offsetByCodePoints(0, precision))
                : text;
    }

    private static String character(Value value) {
        BigInteger point = Numbers.index(value);
        if (point != null) {
            return Character.toString(FormatSpec.codePoint(point));
        }
        if (value instanceof StringValue string && string.length() == 1) {
            return string.text();
        }
        throw JinjaException.type("%c requires int or char");
    }

    private static BigInteger whole(Value value, char type, boolean floats) {
        BigInteger number = Numbers.index(value);
        if (number == null && floats && value instanceof FloatValue real) {
            number = Numbers.truncated(real.number());
        }
        if (number == null) {
            throw JinjaException.type("%" + type + " format: " + (floats ? "a real number" : "an integer")
                    + " is required, not " + value.typeName());
        }
        return number;
    }

    private static String signed(BigInteger number, int radix, String prefix, String flags, int precision) {
        String digits = number.abs().toString(radix);
        String zeros = "0".repeat(Math.max(0, precision - digits.length()));
        return sign(number.signum() < 0, flags) + (flags.indexOf('#') >= 0 ? prefix : "") + zeros + digits;
    }

    private static String sign(boolean negative, String flags) {
        return negative ? "-" : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
    }

    private static String real(Value value, char type, String flags, int precision) {
        double number = Numbers.toDouble(value);
        boolean negative = number < 0 || (number == 0 && 1 / number < 0);
        String digits;
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            digits = Double.isNaN(number) ? "nan" : "inf";
        } else {
            digits = switch (type) {
                case 'e', 'E' -> FloatText.scientific(number, precision);
                case 'f', 'F' -> FloatText.fixed(number, precision);
                default -> FloatText.general(number, precision, flags.indexOf('#') >= 0);
            };
        }
        return sign(negative, flags) + (Character.isUpperCase(type) ? Characters.upper(digits) : digits);
    }

    private static String padded(String text, int width, boolean left, String flags, char type) {
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        if (left) {
            return text + " ".repeat(missing);
        }
        boolean zeros = flags.indexOf('0') >= 0 && "srac".indexOf(type) < 0;
        if (!zeros) {
            return " ".repeat(missing) + text;
        }
        int digits = 0;
        while (digits < text.length() && "+- ".indexOf(text.charAt(digits)) >= 0) {
            digits++;
        }
        if (text.startsWith("0x", digits) || text.startsWith("0X", digits) || text.startsWith("0o", digits)) {
            digits += flags.indexOf('#') >= 0 ? 2 : 0;
        }
        return text.substring(0, digits) + "0".repeat(missing) + text.substring(digits);
    }
}
