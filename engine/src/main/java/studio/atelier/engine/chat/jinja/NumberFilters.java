package studio.atelier.engine.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;

/** Filters for numbers. */
final class NumberFilters {
    static final Map<String, Function.Body> NAMED = Map.of(
            "abs", NumberFilters::abs,
            "int", NumberFilters::toInteger,
            "float", NumberFilters::toFloat,
            "round", NumberFilters::round,
            "filesizeformat", NumberFilters::fileSize);

    private NumberFilters() {}

    private static Value abs(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("abs", "x").get(0);
        BigInteger whole = Numbers.index(value);
        if (whole != null) {
            return new IntegerValue(whole.abs());
        }
        if (value instanceof FloatValue number) {
            return new FloatValue(Math.abs(number.number()));
        }
        throw JinjaException.type("bad operand type for abs(): '" + value.typeName() + "'");
    }

    private static Value toInteger(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_int", "value", "default?", "base?");
        Value otherwise = bound.optional(1) == null ? IntegerValue.of(0) : bound.get(1);
        return switch (bound.get(0)) {
            case IntegerValue integer -> integer;
            case BooleanValue truth -> IntegerValue.of(truth.truth() ? 1 : 0);
            case FloatValue number ->
                Double.isNaN(number.number()) ? otherwise : new IntegerValue(Numbers.truncated(number.number()));
            case StringValue string -> {
                rendering.budget().work(string.text().length());
                BigInteger whole = Numbers.parseInteger(string.text(), bound.integer(2, 10));
                Double real = whole != null ? null : Numbers.parseFloat(string.text());
                yield whole != null
                        ? new IntegerValue(whole)
                        : real == null || real.isNaN() || real.isInfinite()
                                ? otherwise
                                : new IntegerValue(Numbers.truncated(real));
            }
            case Undefined undefined -> throw undefined.failure();
            default -> otherwise;
        };
    }

    private static Value toFloat(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_float", "value", "default?");
        Value value = bound.get(0);
        Value otherwise = bound.optional(1) == null ? new FloatValue(0) : bound.get(1);
        if (Numbers.isNumber(value)) {
            return new FloatValue(Numbers.toDouble(value));
        }
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Double number = value instanceof StringValue string ? Numbers.parseFloat(string.text()) : null;
        return number == null ? otherwise : new FloatValue(number);
    }

    private static Value round(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_round", "value", "precision?", "method?");
        String method = bound.text(2, "common");
        int precision = bound.integer(1, 0);
        Value value = bound.get(0);
        if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
            throw JinjaException.runtime("method must be common, ceil or floor");
        }
        if (!Numbers.isNumber(value)) {
            throw JinjaException.type("type " + value.typeName() + " doesn't define __round__ method");
        }
        if (Math.abs((long) precision) > 400) {
            throw JinjaException.limit("a number is to be rounded to more than 400 digits");
        }
        return method.equals("common") ? rounded(value, precision) : scaled(value, precision, method.equals("ceil"));
    }

    private static Value rounded(Value value, int precision) {
        BigInteger whole = Numbers.index(value);
        if (whole != null) {
            BigDecimal exact = new BigDecimal(whole).setScale(Math.min(0, precision), RoundingMode.HALF_EVEN);
            return new IntegerValue(exact.toBigInteger());
        }
        double number = Numbers.toDouble(value);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return value;
        }
        double result = new BigDecimal(number)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .doubleValue();
        return new FloatValue(result == 0 ? Math.copySign(0.0, number) : result);
    }

    private static Value scaled(Value value, int precision, boolean up) {
        double factor = Math.pow(10, precision);
        double product = Numbers.toDouble(value) * factor;
        BigInteger whole = Numbers.truncated(up ? Math.ceil(product) : Math.floor(product));
        return new FloatValue(whole.doubleValue() / factor);
    }

    private static Value fileSize(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_filesizeformat", "value", "binary?");
        boolean binary = bound.truth(1, false);
        Value value = bound.get(0);
        Double parsed = value instanceof StringValue string ? Numbers.parseFloat(string.text()) : null;
        double size = parsed == null ? Numbers.toDouble(value) : parsed;
        int base = binary ? 1024 : 1000;
        if (size == 1) {
            return StringValue.of("1 Byte");
        }
        if (size < base) {
            return StringValue.of(Numbers.truncated(size) + " Bytes");
        }
        String prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
        double unit = base;
        int power = 0;
        while (power < prefixes.length() - 1 && size >= unit * base) {
            unit *= base;
            power++;
        }
        return StringValue.of(
                String.format(Locale.ROOT, "%s %s", FloatText.fixed(size / unit, 1), prefixes.charAt(power))
                        + (binary ? "iB" : "B"));
    }
}
