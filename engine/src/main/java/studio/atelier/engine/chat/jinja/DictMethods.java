package studio.atelier.engine.chat.jinja;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code dict}. */
final class DictMethods {
    private interface Method {
        Value call(DictValue self, Arguments arguments, Budget budget);
    }

    private static final Map<String, Method> NAMED = Map.ofEntries(
            Map.entry("get", DictMethods::get),
            Map.entry("items", (self, arguments, budget) -> new DictView(self, DictView.Part.ITEMS)),
            Map.entry("keys", (self, arguments, budget) -> new DictView(self, DictView.Part.KEYS)),
            Map.entry("values", (self, arguments, budget) -> new DictView(self, DictView.Part.VALUES)),
            Map.entry("copy", DictMethods::copy),
            Map.entry("pop", DictMethods::pop),
            Map.entry("popitem", DictMethods::popItem),
            Map.entry("setdefault", DictMethods::setDefault),
            Map.entry("update", DictMethods::update),
            Map.entry("clear", (self, arguments, budget) -> {
                self.clear();
                return NoneValue.NONE;
            }));

    private DictMethods() {}

    static @Nullable Value bound(DictValue self, String name) {
        Method method = NAMED.get(name);
        return method == null
                ? null
                : Function.method(name, (arguments, rendering) -> method.call(self, arguments, rendering.budget()));
    }

    private static Value get(DictValue self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("get", "key", "default?");
        Value found = self.get(bound.get(0));
        Value otherwise = bound.optional(1);
        return found != null ? found : otherwise != null ? otherwise : NoneValue.NONE;
    }

    private static Value copy(DictValue self, Arguments arguments, Budget budget) {
        budget.make(self.size());
        return self.copy();
    }

    private static Value pop(DictValue self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("pop", "key", "default?");
        Value found = self.remove(bound.get(0));
        Value otherwise = bound.optional(1);
        if (found == null && otherwise == null) {
            throw new JinjaException(JinjaException.Fault.LOOKUP, Texts.repr(bound.get(0), budget));
        }
        return found != null ? found : otherwise != null ? otherwise : NoneValue.NONE;
    }

    private static Value popItem(DictValue self, Arguments arguments, Budget budget) {
        var last = self.removeLast();
        if (last == null) {
            throw new JinjaException(JinjaException.Fault.LOOKUP, "'popitem(): dictionary is empty'");
        }
        return TupleValue.of(last.key(), last.value());
    }

    private static Value setDefault(DictValue self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("setdefault", "key", "default?");
        Value found = self.get(bound.get(0));
        if (found != null) {
            return found;
        }
        Value otherwise = bound.optional(1);
        Value value = otherwise == null ? NoneValue.NONE : otherwise;
        budget.make(1);
        self.put(bound.get(0), value);
        return value;
    }

    private static Value update(DictValue self, Arguments arguments, Budget budget) {
        if (!arguments.positional().isEmpty()) {
            update(self, arguments.positional().getFirst(), budget);
        }
        budget.make(arguments.named().size());
        arguments.named().forEach(self::put);
        return NoneValue.NONE;
    }

    /** Puts another dict's entries, or pairs, into a dict. */
    static void update(DictValue self, Value source, Budget budget) {
        if (source instanceof DictValue other) {
            budget.make(other.size());
            self.putAll(other);
            return;
        }
        for (Value pair : Iteration.collect(source, budget)) {
            var items = Iteration.collect(pair, budget);
            if (items.size() != 2) {
                throw JinjaException.value(
                        "dictionary update sequence element has length " + items.size() + "; 2 is required");
            }
            self.put(items.get(0), items.get(1));
        }
    }
}
