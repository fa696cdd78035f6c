package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Going through the elements of a value. */
final class Iteration {
    private Iteration() {}

    /** The elements; for what has none, a type fault. */
    static Iterator<Value> of(Value value, Budget budget) {
        Iterator<Value> items = over(value, budget);
        if (items == null) {
            throw JinjaException.type("'" + value.typeName() + "' object is not iterable");
        }
        return items;
    }

    /** The elements; null when the value cannot be gone through. */
    static @Nullable Iterator<Value> over(Value value, Budget budget) {
        return switch (value) {
            case StringValue string -> characters(string);
            case ListValue list -> indexed(list.items());
            case TupleValue tuple -> tuple.items().iterator();
            case DictValue dict -> new DictView(dict, DictView.Part.KEYS).iterator();
            case DictView view -> view.iterator();
            case RangeValue range -> numbers(range);
            case GeneratorValue generator -> generator.iterator();
            case Undefined undefined -> Collections.emptyIterator();
            case LoopValue loop -> loop.rest();
            case NoneValue none -> null;
            case BooleanValue truth -> null;
            case IntegerValue integer -> null;
            case FloatValue number -> null;
            case NamespaceValue namespace -> null;
            case CyclerValue cycler -> null;
            case Function function -> null;
            case MacroValue macro -> null;
        };
    }

    /** All elements in a list of their own. */
    static ArrayList<Value> collect(Value value, Budget budget) {
        var items = new ArrayList<Value>();
        for (var rest = of(value, budget); rest.hasNext(); ) {
            budget.make(1);
            items.add(rest.next());
        }
        return items;
    }

    /** The elements backwards; null when the value has no order to turn. */
    static @Nullable Iterator<Value> reversed(Value value, Budget budget) {
        return switch (value) {
            case StringValue string -> collect(value, budget).reversed().iterator();
            case ListValue list -> List.copyOf(list.items()).reversed().iterator();
            case TupleValue tuple -> tuple.items().reversed().iterator();
            case DictValue dict -> collect(value, budget).reversed().iterator();
            case DictView view -> collect(value, budget).reversed().iterator();
            case RangeValue range -> collect(value, budget).reversed().iterator();
            case Undefined undefined -> Collections.emptyIterator();
            default -> null;
        };
    }

    private static Iterator<Value> characters(StringValue string) {
        var points = string.text().codePoints().iterator();
        return new LazyIterator(() -> points.hasNext() ? string.with(Character.toString(points.nextInt())) : null);
    }

    /** A list that grows while it is gone through is gone through to its new end, as in Python. */
    private static Iterator<Value> indexed(List<Value> items) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < items.size();
            }

            @Override
            public Value next() {
                return items.get(next++);
            }
        };
    }

    private static Iterator<Value> numbers(RangeValue range) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < range.length();
            }

            @Override
            public Value next() {
                return range.get(next++);
            }
        };
    }
}
