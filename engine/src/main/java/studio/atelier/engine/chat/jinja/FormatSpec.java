package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one value is to be written: Python's {@code [[fill]align][sign][#][0][width][grouping][.precision][type]}.
 *
 * @param align one of {@code < > = ^}, or a space for the type's own
 * @param precision -1 when not given
 * @param type a space when not given
 */
record FormatSpec(
        int fill, char align, char sign, boolean alternate, int width, char grouping, int precision, char type) {
    /** Characters that a width may ask for. */
    static final int MAX_WIDTH = 100_000;

    private static final Pattern SPEC = Pattern.compile(
            "(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?([0-9]{1,9})?([,_])?(?:\\.([0-9]{1,9}))?([a-zA-Z%])?",
            Pattern.DOTALL);

    static String format(Value value, String spec, Budget budget) {
        if (spec.isEmpty()) {
            return Texts.str(value, budget);
        }
        return switch (value) {
            case StringValue string -> budget.made(parse(spec, value).string(string.text()));
            case IntegerValue integer -> budget.made(parse(spec, value).integer(integer.number()));
            case BooleanValue truth ->
                budget.made(parse(spec, value).integer(truth.truth() ? BigInteger.ONE : BigInteger.ZERO));
            case FloatValue number -> budget.made(parse(spec, value).real(number.number()));
            default ->
                throw JinjaException.type("unsupported format string passed to " + value.typeName() + ".__format__");
        };
    }

    private static FormatSpec parse(String spec, Value value) {
        Matcher parts = SPEC.matcher(spec);
        if (!parts.matches()) {
            throw JinjaException.value(
                    "Invalid format specifier '" + spec + "' for object of type '" + value.typeName() + "'");
        }
        boolean zero = parts.group(6) != null;
        String align = parts.group(2);
        String fill = parts.group(1);
        return new FormatSpec(
                fill != null ? fill.codePointAt(0) : zero ? '0' : ' ',
                align != null ? align.charAt(0) : zero && !(value instanceof StringValue) ? '=' : ' ',
                first(parts.group(3), '-'),
                parts.group(5) != null,
                number(parts.group(7), 0, MAX_WIDTH),
                first(parts.group(8), ' '),
                number(parts.group(9), -1, MAX_WIDTH),
                first(parts.group(10), ' '));
    }

    private static char first(@Nullable String text, char otherwise) {
        return text == null ? otherwise : text.charAt(0);
    }

    private static int number(@Nullable String digits, int otherwise, int most) {
        int number = digits == null ? otherwise : Integer.parseInt(digits);
        if (number > most) {
            throw JinjaException.limit("a format asks for more than " + most + " characters");
        }
        return number;
    }

    private String string(String text) {
        if (type != ' ' && type != 's') {
            throw unknownType("str");
        }
        if (align == '=' || sign != '-' || alternate) {
            throw JinjaException.value("'=' alignment, sign and '#' are not allowed in a string's format specifier");
        }
        int length = text.codePointCount(0, text.length());
        String cut =
                precision >= 0 && precision < length ? text.substring(0, text.offsetByCodePoints(0, precision)) : text;
        return padded("", cut, '<');
    }

    private JinjaException unknownType(String typeName) {
        return JinjaException.value("Unknown format code '" + type + "' for object of type '" + typeName + "'");
    }

    private String integer(BigInteger number) {
        if ("eEfFgG%".indexOf(type) >= 0) {
            return real(Numbers.toDouble(number));
        }
        if (precision >= 0) {
            throw JinjaException.value("Precision not allowed in integer format specifier");
        }
        BigInteger size = number.abs();
        String prefix = signOf(number.signum() < 0);
        return switch (type) {
            case ' ', 'd', 'n' -> padded(prefix, grouped(size.toString(), 3), '>');
            case 'x' -> padded(prefix + (alternate ? "0x" : ""), grouped(size.toString(16), 4), '>');
            case 'X' -> padded(prefix + (alternate ? "0X" : ""), grouped(Characters.upper(size.toString(16)), 4), '>');
            case 'o' -> padded(prefix + (alternate ? "0o" : ""), grouped(size.toString(8), 4), '>');
            case 'b' -> padded(prefix + (alternate ? "0b" : ""), grouped(size.toString(2), 4), '>');
            case 'c' -> padded("", Character.toString(codePoint(number)), '<');
            default -> throw unknownType("int");
        };
    }

    static int codePoint(BigInteger number) {
        int point = Numbers.clamped(number);
        if (!Character.isValidCodePoint(point)) {
            throw JinjaException.value("%c arg not in range(0x110000)");
        }
        return point;
    }

    private String real(double number) {
        boolean negative = number < 0 || (number == 0 && 1 / number < 0);
        String digits;
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            digits = Double.isNaN(number) ? "nan" : "inf";
        } else {
            digits = switch (type) {
                case 'f', 'F' -> FloatText.fixed(number, precision(6));
                case 'e', 'E' -> FloatText.scientific(number, precision(6));
                case 'g', 'G', 'n' -> FloatText.general(number, precision(6), alternate);
                case '%' -> FloatText.fixed(number * 100, precision(6));
                case ' ' -> precision < 0 ? FloatText.repr(Math.abs(number)) : general(number);
                default -> throw unknownType("float");
            };
        }
        String cased = "EFG".indexOf(type) >= 0 ? Characters.upper(digits) : digits;
        return padded(signOf(negative), grouped(cased, 3) + (type == '%' ? "%" : ""), '>');
    }

    private int precision(int otherwise) {
        return precision < 0 ? otherwise : precision;
    }

    /** Like {@code g}, but a float stays recognisable as one. */
    private String general(double number) {
        String text = FloatText.general(number, precision, alternate);
        return text.indexOf('.') < 0 && text.indexOf('e') < 0 ? text + ".0" : text;
    }

    private String signOf(boolean negative) {
        return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
    }

    private String grouped(String digits, int size) {
        if (grouping == ' ') {
            return digits;
        }
        int end = 0;
        while (end < digits.length() && Character.digit(digits.charAt(end), 16) >= 0 && digits.charAt(end) != 'e') {
            end++;
        }
        var out = new StringBuilder(digits);
        for (int at = end - size; at > 0; at -= size) {
            out.insert(at, grouping);
        }
        return out.toString();
    }

    private String padded(String prefix, String body, char own) {
        int missing = width - prefix.length() - body.codePointCount(0, body.length());
        if (missing <= 0) {
            return prefix + body;
        }
        String pad = Character.toString(fill);
        return switch (align == ' ' ? own : align) {
            case '<' -> prefix + body + pad.repeat(missing);
            case '^' -> pad.repeat(missing / 2) + prefix + body + pad.repeat(missing - missing / 2);
            case '=' -> prefix + pad.repeat(missing) + body;
            default -> pad.repeat(missing) + prefix + body;
        };
    }
}
