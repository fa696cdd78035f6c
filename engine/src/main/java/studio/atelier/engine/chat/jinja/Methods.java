package studio.atelier.engine.chat.jinja;

import org.jspecify.annotations.Nullable;

/** The attributes and methods that values have of themselves, apart from the elements of a dict. */
final class Methods {
    private Methods() {}

    /** The attribute, a method bound to its value; null when the value has none of that name. */
    static @Nullable Value attribute(Value owner, String name) {
        return switch (owner) {
            case StringValue string -> StringMethods.bound(string, name);
            case DictValue dict -> DictMethods.bound(dict, name);
            case ListValue list -> ListMethods.bound(list, name);
            case TupleValue tuple -> ListMethods.bound(tuple, name);
            case NamespaceValue namespace -> namespace.attributes().get(name);
            case LoopValue loop -> loop.attribute(name);
            case MacroValue macro -> macro.attribute(name);
            case CyclerValue cycler -> cycler(cycler, name);
            case FloatValue number -> real(number, name);
            case IntegerValue integer -> whole(integer, name);
            case RangeValue range -> range(range, name);
            case BooleanValue truth -> null;
            case NoneValue none -> null;
            case Undefined undefined -> null;
            case DictView view -> null;
            case GeneratorValue generator -> null;
            case Function function -> null;
        };
    }

    private static @Nullable Value cycler(CyclerValue cycler, String name) {
        return switch (name) {
            case "current" -> cycler.current();
            case "next" -> Function.method(name, (arguments, rendering) -> cycler.next());
            case "reset" ->
                Function.method(name, (arguments, rendering) -> {
                    cycler.reset();
                    return NoneValue.NONE;
                });
            default -> null;
        };
    }

    private static @Nullable Value real(FloatValue number, String name) {
        return switch (name) {
            case "is_integer" ->
                Function.method(
                        name,
                        (arguments, rendering) -> BooleanValue.of(
                                number.number() == Math.rint(number.number()) && !Double.isInfinite(number.number())));
            case "real" -> number;
            default -> null;
        };
    }

    private static @Nullable Value whole(IntegerValue integer, String name) {
        return switch (name) {
            case "bit_length" ->
                Function.method(
                        name,
                        (arguments, rendering) ->
                                IntegerValue.of(integer.number().abs().bitLength()));
            case "real", "numerator" -> integer;
            case "imag" -> IntegerValue.of(0);
            case "denominator" -> IntegerValue.of(1);
            default -> null;
        };
    }

    private static @Nullable Value range(RangeValue range, String name) {
        return switch (name) {
            case "start" -> IntegerValue.of(range.start());
            case "stop" -> IntegerValue.of(range.stop());
            case "step" -> IntegerValue.of(range.step());
            default -> null;
        };
    }
}
