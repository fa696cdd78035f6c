package studio.atelier.engine.chat.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** How Python writes floats: the shortest text that reads back, and C's {@code e}, {@code f} and {@code g}. */
final class FloatText {
    /** Digits after the point that a format may ask for. */
    static final int MAX_PRECISION = 1_000;

    private FloatText() {}

    static String repr(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return 1 / number < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest(number);
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - shortest.scale() - 1;
        String sign = number < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign + digits.charAt(0) + fraction + "e" + exponent(exponent);
        }
        String plain = shortest.abs().toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }

    /** The fewest digits that give the number back; Java itself stops at two where one would do. */
    private static BigDecimal shortest(double number) {
        BigDecimal decimal = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        if (decimal.precision() == 2) {
            BigDecimal one = decimal.round(new MathContext(1, RoundingMode.HALF_EVEN));
            if (one.doubleValue() == number) {
                return one.stripTrailingZeros();
            }
        }
        return decimal;
    }

    private static String exponent(int exponent) {
        return (exponent < 0 ? "-" : "+") + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
    }

    /** A finite number without exponent, rounded half to even from its exact value; the sign is left out. */
    static String fixed(double number, int precision) {
        return new BigDecimal(Math.abs(number))
                .setScale(checked(precision), RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    static String scientific(double number, int precision) {
        if (number == 0) {
            return (precision == 0 ? "0" : "0." + "0".repeat(checked(precision))) + "e+00";
        }
        BigDecimal rounded =
                new BigDecimal(Math.abs(number)).round(new MathContext(checked(precision) + 1, RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - rounded.scale() - 1;
        digits = digits.length() > precision + 1
                ? digits.substring(0, precision + 1)
                : digits + "0".repeat(precision + 1 - digits.length());
        return digits.charAt(0) + (precision > 0 ? "." + digits.substring(1) : "") + "e" + exponent(exponent);
    }

    /**
     * The shorter of the two others with so many digits.
     *
     * @param alternate keep zeros at the end
     */
    static String general(double number, int precision, boolean alternate) {
        int digits = Math.max(1, checked(precision));
        String scientific = scientific(number, digits - 1);
        int split = scientific.indexOf('e');
        int exponent = Integer.parseInt(scientific, split + 1, scientific.length(), 10);
        boolean plain = exponent >= -4 && exponent < digits;
        String mantissa = plain ? fixed(number, digits - 1 - exponent) : scientific.substring(0, split);
        if (!alternate && mantissa.indexOf('.') >= 0) {
            int end = mantissa.length();
            while (mantissa.charAt(end - 1) == '0') {
                end--;
            }
            mantissa = mantissa.substring(0, mantissa.charAt(end - 1) == '.' ? end - 1 : end);
        }
        return plain ? mantissa : mantissa + scientific.substring(split);
    }

    private static int checked(int precision) {
        if (precision > MAX_PRECISION) {
            throw JinjaException.limit("a format asks for more than " + MAX_PRECISION + " digits");
        }
        return precision;
    }
}
