package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What stands after {@code is}. */
final class Tests {
    private interface Question {
        boolean holds(Value value);
    }

    private static final Map<String, Function.Body> NAMED = Map.ofEntries(
            Map.entry("odd", (arguments, rendering) -> rest(arguments, IntegerValue.of(2), 1, rendering)),
            Map.entry("even", (arguments, rendering) -> rest(arguments, IntegerValue.of(2), 0, rendering)),
            Map.entry("divisibleby", Tests::divisibleBy),
            Map.entry("defined", about(value -> !(value instanceof Undefined))),
            Map.entry("undefined", about(value -> value instanceof Undefined)),
            Map.entry("filter", about(value -> value instanceof StringValue name && Filters.knows(name.text()))),
            Map.entry("test", about(value -> value instanceof StringValue name && knows(name.text()))),
            Map.entry("none", about(value -> value == NoneValue.NONE)),
            Map.entry("boolean", about(value -> value instanceof BooleanValue)),
            Map.entry("false", about(value -> value == BooleanValue.FALSE)),
            Map.entry("true", about(value -> value == BooleanValue.TRUE)),
            Map.entry("integer", about(value -> value instanceof IntegerValue)),
            Map.entry("float", about(value -> value instanceof FloatValue)),
            Map.entry("number", about(Numbers::isNumber)),
            Map.entry("string", about(value -> value instanceof StringValue)),
            Map.entry("mapping", about(value -> value instanceof DictValue)),
            Map.entry("sequence", about(Tests::isSequence)),
            Map.entry("callable", about(value -> value instanceof Callable || value instanceof Undefined)),
            Map.entry("escaped", about(value -> value instanceof StringValue string && string.markup())),
            Map.entry(
                    "iterable",
                    (arguments, rendering) -> BooleanValue.of(Iteration.over(
                                    arguments.bind("test_iterable", "value").get(0), rendering.budget())
                            != null)),
            Map.entry(
                    "lower",
                    (arguments, rendering) -> BooleanValue.of(CharacterMethods.isLower(
                            rendering.str(arguments.bind("test_lower", "value").get(0))))),
            Map.entry(
                    "upper",
                    (arguments, rendering) -> BooleanValue.of(CharacterMethods.isUpper(
                            rendering.str(arguments.bind("test_upper", "value").get(0))))),
            Map.entry("sameas", Tests::sameAs),
            Map.entry("in", Tests::in),
            Map.entry("==", comparing(Comparison.Operator.EQUAL)),
            Map.entry("eq", comparing(Comparison.Operator.EQUAL)),
            Map.entry("equalto", comparing(Comparison.Operator.EQUAL)),
            Map.entry("!=", comparing(Comparison.Operator.NOT_EQUAL)),
            Map.entry("ne", comparing(Comparison.Operator.NOT_EQUAL)),
            Map.entry(">", comparing(Comparison.Operator.GREATER)),
            Map.entry("gt", comparing(Comparison.Operator.GREATER)),
            Map.entry("greaterthan", comparing(Comparison.Operator.GREATER)),
            Map.entry(">=", comparing(Comparison.Operator.GREATER_OR_EQUAL)),
            Map.entry("ge", comparing(Comparison.Operator.GREATER_OR_EQUAL)),
            Map.entry("<", comparing(Comparison.Operator.LESS)),
            Map.entry("lt", comparing(Comparison.Operator.LESS)),
            Map.entry("lessthan", comparing(Comparison.Operator.LESS)),
            Map.entry("<=", comparing(Comparison.Operator.LESS_OR_EQUAL)),
            Map.entry("le", comparing(Comparison.Operator.LESS_OR_EQUAL)));

    private Tests() {}

    static Function.Body named(String name) {
        Function.Body test = NAMED.get(name);
        if (test == null) {
            throw JinjaException.runtime("No test named " + Texts.quoted(name) + ".");
        }
        return test;
    }

    static boolean knows(String name) {
        return NAMED.containsKey(name);
    }

    private static Function.Body about(Question question) {
        return (arguments, rendering) ->
                BooleanValue.of(question.holds(arguments.bind("test", "value").get(0)));
    }

    private static Function.Body comparing(Comparison.Operator operator) {
        return (arguments, rendering) -> {
            Bound bound = arguments.bind("test", "a", "b");
            return BooleanValue.of(Comparison.holds(operator, bound.get(0), bound.get(1), rendering.budget()));
        };
    }

    private static boolean isSequence(Value value) {
        return Truth.length(value) != null && !(value instanceof DictView) && !(value instanceof LoopValue);
    }

    private static Value rest(Arguments arguments, Value divisor, int wanted, Rendering rendering) {
        Value value = arguments.bind("test", "value").get(0);
        Value rest = Arithmetic.apply(Arithmetic.Operator.REMAINDER, value, divisor, rendering.budget());
        return BooleanValue.of(Comparison.equal(rest, IntegerValue.of(wanted), rendering.budget()));
    }

    private static Value divisibleBy(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("test_divisibleby", "value", "num");
        return rest(Arguments.of(bound.get(0)), bound.get(1), 0, rendering);
    }

    private static Value in(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("test_in", "value", "seq");
        return BooleanValue.of(Comparison.contains(bound.get(1), bound.get(0), rendering.budget()));
    }

    /** Python's {@code is}: small whole numbers are one object each, other values only where they are the same. */
    private static Value sameAs(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("test_sameas", "value", "other");
        Value value = bound.get(0);
        Value other = bound.get(1);
        BigInteger number = small(value);
        return BooleanValue.of(value == other || (number != null && number.equals(small(other))));
    }

    private static @Nullable BigInteger small(Value value) {
        return value instanceof IntegerValue integer && integer.number().bitLength() <= 8 ? integer.number() : null;
    }
}
