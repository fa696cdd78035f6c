package studio.atelier.engine.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.JinjaException.Fault;

/** Python's numbers: booleans are whole numbers, whole numbers and floats compare by their exact value. */
final class Numbers {
    private static final BigInteger INT_MAX = BigInteger.valueOf(Integer.MAX_VALUE);
    private static final BigInteger INT_MIN = BigInteger.valueOf(Integer.MIN_VALUE);

    /** A decimal float as Python reads it; digits may be grouped by single underscores. */
    private static final Pattern FLOAT =
            Pattern.compile("[+-]?(?:D(?:\\.D?)?|\\.D)(?:[eE][+-]?D)?".replace("D", "(?:[0-9]++(?:_[0-9]++)*+)"));

    private Numbers() {}

    /** The value where a whole number is wanted: an int or a bool; null for anything else. */
    static @Nullable BigInteger index(Value value) {
        return switch (value) {
            case IntegerValue integer -> integer.number();
            case BooleanValue truth -> truth.truth() ? BigInteger.ONE : BigInteger.ZERO;
            default -> null;
        };
    }

    static boolean isNumber(Value value) {
        return value instanceof FloatValue || index(value) != null;
    }

    static int clamped(BigInteger number) {
        return number.max(INT_MIN).min(INT_MAX).intValue();
    }

    static double toDouble(BigInteger number) {
        double result = number.doubleValue();
        if (Double.isInfinite(result)) {
            throw new JinjaException(Fault.ARITHMETIC, "int too large to convert to float");
        }
        return result;
    }

    /** Any number as a float. */
    static double toDouble(Value value) {
        BigInteger whole = index(value);
        if (whole != null) {
            return toDouble(whole);
        }
        if (value instanceof FloatValue number) {
            return number.number();
        }
        throw JinjaException.type("must be real number, not " + value.typeName());
    }

    /** The order of two numbers by exact value; null when one of them is not a number. */
    static @Nullable Integer compare(Value left, Value right) {
        BigInteger a = index(left);
        BigInteger b = index(right);
        if (a != null && b != null) {
            return a.compareTo(b);
        }
        if (a == null) {
            double x = ((FloatValue) left).number();
            if (Double.isNaN(x)) {
                return null;
            }
            if (b == null) {
                double y = ((FloatValue) right).number();
                return Double.isNaN(y) ? null : Integer.valueOf(x < y ? -1 : x > y ? 1 : 0);
            }
            return compare(x, b);
        }
        double y = ((FloatValue) right).number();
        return Double.isNaN(y) ? null : Integer.valueOf(-compare(y, a));
    }

    private static int compare(double number, BigInteger whole) {
        if (Double.isInfinite(number)) {
            return number > 0 ? 1 : -1;
        }
        return new BigDecimal(number).compareTo(new BigDecimal(whole));
    }

    /** A float cut to a whole number, towards zero. */
    static BigInteger truncated(double number) {
        if (Double.isNaN(number)) {
            throw JinjaException.value("cannot convert float NaN to integer");
        }
        if (Double.isInfinite(number)) {
            throw new JinjaException(Fault.ARITHMETIC, "cannot convert float infinity to integer");
        }
        return new BigDecimal(number).toBigInteger();
    }

    /** A whole number as {@code int(text, base)} reads it; null when it is none. */
    static @Nullable BigInteger parseInteger(String text, int base) {
        String rest = Characters.strip(text);
        boolean negative = rest.startsWith("-");
        if (negative || rest.startsWith("+")) {
            rest = rest.substring(1);
        }
        int radix = base;
        int prefix = prefixRadix(rest);
        if (prefix != 0 && (base == 0 || base == prefix)) {
            radix = prefix;
            rest = rest.substring(2);
            if (rest.startsWith("_")) {
                rest = rest.substring(1);
            }
        } else if (base == 0) {
            radix = 10;
            if (rest.length() > 1 && rest.startsWith("0") && !rest.matches("[0_]+")) {
                return null;
            }
        }
        if (radix < 2 || radix > 36) {
            throw JinjaException.value("int() base must be >= 2 and <= 36, or 0");
        }
        String digits = digits(rest, radix);
        if (digits == null) {
            return null;
        }
        if (digits.length() > MAX_DIGITS) {
            throw JinjaException.value("Exceeds the limit (" + MAX_DIGITS
                    + " digits) for integer string conversion: value has " + digits.length()
                    + " digits; use sys.set_int_max_str_digits() to increase the limit");
        }
        var number = new BigInteger(digits, radix);
        return negative ? number.negate() : number;
    }

    /** Digits of a whole number that Python turns into text or reads from it. */
    static final int MAX_DIGITS = 4_300;

    private static int prefixRadix(String text) {
        if (text.length() < 3 || text.charAt(0) != '0') {
            return 0;
        }
        return switch (text.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 0;
        };
    }

    private static @Nullable String digits(String text, int radix) {
        var digits = new StringBuilder(text.length());
        boolean afterDigit = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int point = text.codePointAt(i);
            if (point == '_' && afterDigit) {
                afterDigit = false;
                continue;
            }
            int digit = Character.digit(point, radix);
            if (digit < 0) {
                return null;
            }
            digits.append(Character.forDigit(digit, radix));
            afterDigit = true;
        }
        return afterDigit ? digits.toString() : null;
    }

    /** A float as {@code float(text)} reads it; null when it is none. */
    static @Nullable Double parseFloat(String text) {
        String trimmed = Characters.strip(text);
        String plain = Characters.lower(trimmed);
        String unsigned = plain.startsWith("-") || plain.startsWith("+") ? plain.substring(1) : plain;
        if (unsigned.equals("inf") || unsigned.equals("infinity")) {
            return plain.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (unsigned.equals("nan")) {
            return Double.NaN;
        }
        return FLOAT.matcher(trimmed).matches() ? Double.valueOf(trimmed.replace("_", "")) : null;
    }
}
