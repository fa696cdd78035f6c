package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.Map;

/** The functions that every template can call. */
final class Globals {
    private static final Map<String, Function.Body> NAMED = Map.of(
            "range", Globals::range,
            "dict", Globals::dict,
            "namespace", (arguments, rendering) -> new NamespaceValue(dict(arguments, rendering)),
            "cycler", (arguments, rendering) -> new CyclerValue(arguments.positional()),
            "joiner", (arguments, rendering) -> joiner(arguments),
            "raise_exception", Globals::raiseException,
            "strftime_now", Globals::strftimeNow);

    private Globals() {}

    /** A scope that holds them. */
    static Scope scope() {
        Scope scope = Scope.outermost();
        NAMED.forEach((name, body) -> scope.set(name, Function.function(name, body)));
        return scope;
    }

    private static Value range(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("range", "start", "stop?", "step?");
        long first = bounded(bound.get(0));
        Value stop = bound.optional(1);
        Value step = bound.optional(2);
        return stop == null
                ? new RangeValue(0, first, 1)
                : new RangeValue(first, bounded(stop), step == null ? 1 : bounded(step));
    }

    private static long bounded(Value value) {
        BigInteger number = Numbers.index(value);
        if (number == null) {
            throw JinjaException.type("'" + value.typeName() + "' object cannot be interpreted as an integer");
        }
        return number.bitLength() < 62 ? number.longValue() : number.signum() * (Long.MAX_VALUE >> 1);
    }

    private static DictValue dict(Arguments arguments, Rendering rendering) {
        if (arguments.positional().size() > 1) {
            throw JinjaException.type("dict expected at most 1 argument, got "
                    + arguments.positional().size());
        }
        var dict = new DictValue();
        if (!arguments.positional().isEmpty()) {
            DictMethods.update(dict, arguments.positional().getFirst(), rendering.budget());
        }
        arguments.named().forEach(dict::put);
        return dict;
    }

    private static Value joiner(Arguments arguments) {
        Bound bound = arguments.bind("joiner", "sep?");
        Value separator = bound.optional(0);
        boolean[] used = {false};
        return Function.function("joiner", (none, rendering) -> {
            Value result = !used[0] ? StringValue.EMPTY : separator == null ? StringValue.of(", ") : separator;
            used[0] = true;
            return result;
        });
    }

    private static Value raiseException(Arguments arguments, Rendering rendering) {
        Value message = arguments.bind("raise_exception", "message").get(0);
        throw new JinjaException(JinjaException.Fault.RAISED, rendering.str(message));
    }

    private static Value strftimeNow(Arguments arguments, Rendering rendering) {
        String format = arguments.bind("strftime_now", "format").text(0);
        return StringValue.of(Strftime.format(format, rendering.clock(), rendering.budget()));
    }
}
