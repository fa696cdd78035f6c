package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code list} and {@code tuple}. */
final class ListMethods {
    private interface Method {
        Value call(ArrayList<Value> self, Arguments arguments, Budget budget);
    }

    private static final Map<String, Method> CHANGING = Map.of(
            "append", ListMethods::append,
            "extend", ListMethods::extend,
            "insert", ListMethods::insert,
            "pop", ListMethods::pop,
            "remove", ListMethods::remove,
            "clear", ListMethods::clear,
            "reverse", ListMethods::reverse,
            "sort", ListMethods::sort,
            "copy", (self, arguments, budget) -> Subscripts.slice(new ListValue(self), null, null, null, budget));

    private ListMethods() {}

    static @Nullable Value bound(ListValue list, String name) {
        Method method = CHANGING.get(name);
        return method == null
                ? reading(list.items(), name)
                : Function.method(
                        name, (arguments, rendering) -> method.call(list.items(), arguments, rendering.budget()));
    }

    static @Nullable Value bound(TupleValue tuple, String name) {
        int index = tuple.names().indexOf(name);
        return index >= 0 ? tuple.items().get(index) : reading(tuple.items(), name);
    }

    private static @Nullable Value reading(List<Value> items, String name) {
        return switch (name) {
            case "index" ->
                Function.method(name, (arguments, rendering) -> {
                    Bound bound = arguments.bind("index", "value", "start?", "stop?");
                    int from = place(bound.integer(1, 0), items.size());
                    int to = place(bound.integer(2, Integer.MAX_VALUE), items.size());
                    return IntegerValue.of(indexOf(items, bound.get(0), from, to, rendering.budget()));
                });
            case "count" ->
                Function.method(name, (arguments, rendering) -> {
                    Value value = arguments.bind("count", "value").get(0);
                    return IntegerValue.of(items.stream()
                            .filter(item -> Comparison.equal(item, value, rendering.budget()))
                            .count());
                });
            default -> null;
        };
    }

    private static int indexOf(List<Value> items, Value value, int from, int to, Budget budget) {
        for (int i = from; i < to; i++) {
            if (Comparison.equal(items.get(i), value, budget)) {
                return i;
            }
        }
        throw JinjaException.value(Texts.repr(value, budget) + " is not in list");
    }

    /** An index as {@code insert} and {@code index} take it: cut to the list. */
    private static int place(int index, int size) {
        return Math.clamp(index < 0 ? (long) index + size : index, 0, size);
    }

    private static Value append(ArrayList<Value> self, Arguments arguments, Budget budget) {
        budget.make(1);
        self.add(arguments.bind("append", "object").get(0));
        return NoneValue.NONE;
    }

    private static Value extend(ArrayList<Value> self, Arguments arguments, Budget budget) {
        self.addAll(Iteration.collect(arguments.bind("extend", "iterable").get(0), budget));
        return NoneValue.NONE;
    }

    private static Value insert(ArrayList<Value> self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("insert", "index", "object");
        budget.make(1);
        budget.work(self.size());
        self.add(place(bound.integer(0), self.size()), bound.get(1));
        return NoneValue.NONE;
    }

    private static Value pop(ArrayList<Value> self, Arguments arguments, Budget budget) {
        int index = arguments.bind("pop", "index?").integer(0, -1);
        int at = index < 0 ? index + self.size() : index;
        if (self.isEmpty() || at < 0 || at >= self.size()) {
            throw new JinjaException(
                    JinjaException.Fault.LOOKUP, self.isEmpty() ? "pop from empty list" : "pop index out of range");
        }
        budget.work(self.size());
        return self.remove(at);
    }

    private static Value remove(ArrayList<Value> self, Arguments arguments, Budget budget) {
        Value value = arguments.bind("remove", "value").get(0);
        for (int i = 0; i < self.size(); i++) {
            if (Comparison.equal(self.get(i), value, budget)) {
                self.remove(i);
                return NoneValue.NONE;
            }
        }
        throw JinjaException.value("list.remove(x): x not in list");
    }

    private static Value clear(ArrayList<Value> self, Arguments arguments, Budget budget) {
        self.clear();
        return NoneValue.NONE;
    }

    private static Value reverse(ArrayList<Value> self, Arguments arguments, Budget budget) {
        budget.work(self.size());
        Collections.reverse(self);
        return NoneValue.NONE;
    }

    private static Value sort(ArrayList<Value> self, Arguments arguments, Budget budget) {
        boolean reverse = arguments.bind("sort", "reverse?").truth(0, false);
        List<Value> sorted = Sorting.sorted(List.copyOf(self), item -> item, reverse, budget);
        self.clear();
        self.addAll(sorted);
        return NoneValue.NONE;
    }
}
