package studio.atelier.engine.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.chat.jinja.JinjaException.Fault;

/** Python's arithmetic on numbers, texts and lists. */
final class Arithmetic {
    /** The binary operators. */
    enum Operator {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        FLOOR_DIVIDE("//"),
        REMAINDER("%"),
        POWER("** or pow()");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }
    }

    private Arithmetic() {}

    static Value apply(Operator operator, Value left, Value right, Budget budget) {
        if (operator == Operator.REMAINDER && left instanceof StringValue format) {
            return PercentFormat.apply(format, right, budget);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        BigInteger a = Numbers.index(left);
        BigInteger b = Numbers.index(right);
        if (a != null && b != null) {
            return whole(operator, a, b, budget);
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return new FloatValue(real(operator, Numbers.toDouble(left), Numbers.toDouble(right)));
        }
        if (operator == Operator.ADD) {
            return concatenate(left, right, budget);
        }
        if (operator == Operator.MULTIPLY && b != null && isSequence(left)) {
            return repeat(left, b, budget);
        }
        if (operator == Operator.MULTIPLY && a != null && isSequence(right)) {
            return repeat(right, a, budget);
        }
        if (operator == Operator.MULTIPLY && (isSequence(left) || isSequence(right))) {
            Value factor = isSequence(left) ? right : left;
            throw JinjaException.type("can't multiply sequence by non-int of type '" + factor.typeName() + "'");
        }
        throw unsupported(operator, left, right);
    }

    static Value negate(Value value) {
        BigInteger number = Numbers.index(value);
        if (number != null) {
            return new IntegerValue(number.negate());
        }
        if (value instanceof FloatValue real) {
            return new FloatValue(-real.number());
        }
        throw badUnary("-", value);
    }

    static Value plus(Value value) {
        BigInteger number = Numbers.index(value);
        if (number != null) {
            return new IntegerValue(number);
        }
        if (value instanceof FloatValue real) {
            return real;
        }
        throw badUnary("+", value);
    }

    private static JinjaException badUnary(String sign, Value value) {
        return value instanceof Undefined undefined
                ? undefined.failure()
                : JinjaException.type("bad operand type for unary " + sign + ": '" + value.typeName() + "'");
    }

    private static JinjaException unsupported(Operator operator, Value left, Value right) {
        return JinjaException.type("unsupported operand type(s) for " + operator.sign + ": '" + left.typeName()
                + "' and '" + right.typeName() + "'");
    }

    private static Value concatenate(Value left, Value right, Budget budget) {
        if (left instanceof StringValue a && right instanceof StringValue b) {
            if (a.markup() || b.markup()) {
                return new StringValue(budget.made(Html.escape(a).concat(Html.escape(b))), true);
            }
            budget.make((long) a.text().length() + b.text().length());
            return StringValue.of(a.text().concat(b.text()));
        }
        if (left instanceof ListValue a && right instanceof ListValue b) {
            return new ListValue(joined(a.items(), b.items(), budget));
        }
        if (left instanceof TupleValue a && right instanceof TupleValue b) {
            return TupleValue.of(joined(a.items(), b.items(), budget));
        }
        if (isSequence(left)) {
            String type = left.typeName().equals("Markup") ? "str" : left.typeName();
            throw JinjaException.type(
                    "can only concatenate " + type + " (not \"" + right.typeName() + "\") to " + type);
        }
        throw unsupported(Operator.ADD, left, right);
    }

    private static ArrayList<Value> joined(List<Value> left, List<Value> right, Budget budget) {
        budget.make((long) left.size() + right.size());
        var all = new ArrayList<Value>(left.size() + right.size());
        all.addAll(left);
        all.addAll(right);
        return all;
    }

    private static boolean isSequence(Value value) {
        return value instanceof StringValue || value instanceof ListValue || value instanceof TupleValue;
    }

    private static Value repeat(Value value, BigInteger factor, Budget budget) {
        int count = Math.max(0, Numbers.clamped(factor));
        if (value instanceof StringValue string) {
            budget.make((long) string.text().length() * count);
            return string.with(string.text().repeat(count));
        }
        List<Value> items = value instanceof ListValue list ? list.items() : ((TupleValue) value).items();
        budget.make((long) items.size() * count);
        var all = new ArrayList<Value>(items.size() * count);
        for (int i = 0; i < count && !items.isEmpty(); i++) {
            all.addAll(items);
        }
        return value instanceof ListValue ? new ListValue(all) : TupleValue.of(all);
    }

    private static Value whole(Operator operator, BigInteger left, BigInteger right, Budget budget) {
        budget.work((long) left.bitLength() * (1 + right.bitLength() / 64));
        return switch (operator) {
            case ADD -> new IntegerValue(left.add(right));
            case SUBTRACT -> new IntegerValue(left.subtract(right));
            case MULTIPLY -> new IntegerValue(left.multiply(right));
            case DIVIDE -> new FloatValue(quotient(left, right));
            case FLOOR_DIVIDE ->
                new IntegerValue(floorDivide(left, nonZero(right, "integer division or modulo by zero")));
            case REMAINDER -> {
                BigInteger divisor = nonZero(right, "integer modulo by zero");
                yield new IntegerValue(left.subtract(floorDivide(left, divisor).multiply(divisor)));
            }
            case POWER -> power(left, right);
        };
    }

    private static BigInteger nonZero(BigInteger divisor, String message) {
        if (divisor.signum() == 0) {
            throw new JinjaException(Fault.ARITHMETIC, message);
        }
        return divisor;
    }

    private static double quotient(BigInteger left, BigInteger right) {
        nonZero(right, "division by zero");
        // 40 digits are far more than a double holds, so rounding twice does not show.
        double result = left.bitLength() <= 53 && right.bitLength() <= 53
                ? left.doubleValue() / right.doubleValue()
                : new BigDecimal(left)
                        .divide(new BigDecimal(right), new MathContext(40))
                        .doubleValue();
        if (Double.isInfinite(result)) {
            throw new JinjaException(Fault.ARITHMETIC, "integer division result too large for a float");
        }
        return result;
    }

    private static BigInteger floorDivide(BigInteger left, BigInteger right) {
        BigInteger[] parts = left.divideAndRemainder(right);
        boolean below = parts[1].signum() != 0 && parts[1].signum() != right.signum();
        return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Value power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return new FloatValue(real(Operator.POWER, Numbers.toDouble(base), Numbers.toDouble(exponent)));
        }
        if (base.bitLength() <= 1 && base.signum() >= 0) {
            return new IntegerValue(exponent.signum() == 0 ? BigInteger.ONE : base);
        }
        long bits = (long) Math.max(1, base.bitLength()) * Numbers.clamped(exponent);
        if (bits > Budget.MAX_INTEGER_BITS * 2L) {
            throw JinjaException.limit("a number has more than " + Budget.MAX_INTEGER_BITS + " bits");
        }
        return new IntegerValue(base.pow(exponent.intValue()));
    }

    private static double real(Operator operator, double left, double right) {
        return switch (operator) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / nonZero(right, "float division by zero");
            case FLOOR_DIVIDE -> floorDivide(left, nonZero(right, "float floor division by zero"));
            case REMAINDER -> remainder(left, nonZero(right, "float modulo"));
            case POWER -> power(left, right);
        };
    }

    private static double nonZero(double divisor, String message) {
        if (divisor == 0) {
            throw new JinjaException(Fault.ARITHMETIC, message);
        }
        return divisor;
    }

    private static double remainder(double left, double right) {
        double remainder = left % right;
        if (remainder != 0 && remainder < 0 != right < 0) {
            return remainder + right;
        }
        return remainder == 0 ? Math.copySign(0.0, right) : remainder;
    }

    private static double floorDivide(double left, double right) {
        double quotient = (left - remainder(left, right)) / right;
        if (quotient == 0 || Double.isNaN(quotient) || Double.isInfinite(quotient)) {
            return quotient == 0 ? Math.copySign(0.0, left / right) : quotient;
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw new JinjaException(Fault.ARITHMETIC, "0.0 cannot be raised to a negative power");
        }
        if (base == 1 || exponent == 0) {
            return 1;
        }
        if (base < 0 && !Double.isInfinite(base) && exponent != Math.rint(exponent)) {
            throw JinjaException.type("complex numbers are not supported");
        }
        double result = Math.pow(base, exponent);
        if (Double.isInfinite(result) && !Double.isInfinite(base) && !Double.isInfinite(exponent)) {
            throw new JinjaException(Fault.ARITHMETIC, "(34, 'Numerical result out of range')");
        }
        return result;
    }
}
