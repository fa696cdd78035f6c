package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** {@code value.name}, {@code value[key]} and {@code value[start:stop:step]}. */
final class Subscripts {
    /** What every Python object has and a sandbox hides. */
    private static final Set<String> HIDDEN = Set.of(
            "__class__",
            "__delattr__",
            "__dir__",
            "__doc__",
            "__eq__",
            "__format__",
            "__ge__",
            "__getattribute__",
            "__getstate__",
            "__gt__",
            "__hash__",
            "__init__",
            "__init_subclass__",
            "__le__",
            "__lt__",
            "__ne__",
            "__new__",
            "__reduce__",
            "__reduce_ex__",
            "__repr__",
            "__setattr__",
            "__sizeof__",
            "__str__",
            "__subclasshook__");

    private Subscripts() {}

    /** An attribute, else the element of that name: {@code message.content}. */
    static Value attribute(Value owner, String name) {
        Value found = ownAttribute(owner, name);
        if (found == null && owner instanceof DictValue dict) {
            found = dict.get(name);
        }
        return found == null ? Undefined.attribute(owner, name) : found;
    }

    /** An element, else the attribute of that name: {@code message['content']}. */
    static Value item(Value owner, Value key, Budget budget) {
        if (owner instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Value found = element(owner, key);
        if (found == null && key instanceof StringValue name) {
            found = ownAttribute(owner, name.text());
        }
        if (found != null) {
            return found;
        }
        return key instanceof StringValue name
                ? Undefined.attribute(owner, name.text())
                : Undefined.element(owner, Texts.repr(key, budget));
    }

    /** An attribute or method in the narrow sense; null when the value has none of that name. */
    static @Nullable Value ownAttribute(Value owner, String name) {
        if (owner instanceof Undefined undefined) {
            throw undefined.failure();
        }
        Value found = Methods.attribute(owner, name);
        return found == null && HIDDEN.contains(name) ? Undefined.unsafe(owner, name) : found;
    }

    private static @Nullable Value element(Value owner, Value key) {
        if (owner instanceof DictValue dict) {
            try {
                return dict.get(key);
            } catch (JinjaException e) {
                return null;
            }
        }
        BigInteger index = Numbers.index(key);
        if (index == null) {
            return null;
        }
        return switch (owner) {
            case StringValue string -> character(string, Numbers.clamped(index));
            case ListValue list -> at(list.items().size(), Numbers.clamped(index), list.items()::get);
            case TupleValue tuple -> at(tuple.items().size(), Numbers.clamped(index), tuple.items()::get);
            case RangeValue range -> at(range.length(), Numbers.clamped(index), range::get);
            default -> null;
        };
    }

    private static @Nullable Value at(int length, int index, IntFunction<Value> get) {
        int from = index < 0 ? index + length : index;
        return from < 0 || from >= length ? null : get.apply(from);
    }

    private static @Nullable Value character(StringValue string, int index) {
        String text = string.text();
        return at(string.length(), index, from -> {
            int start = text.offsetByCodePoints(0, from);
            return string.with(Character.toString(text.codePointAt(start)));
        });
    }

    static Value slice(Value owner, @Nullable Value start, @Nullable Value stop, @Nullable Value step, Budget budget) {
        return switch (owner) {
            case StringValue string -> slice(string, Cut.of(string.length(), start, stop, step), budget);
            case ListValue list ->
                new ListValue(select(list.items(), Cut.of(list.items().size(), start, stop, step), budget));
            case TupleValue tuple ->
                TupleValue.of(select(tuple.items(), Cut.of(tuple.items().size(), start, stop, step), budget));
            case RangeValue range -> slice(range, Cut.of(range.length(), start, stop, step));
            case Undefined undefined -> throw undefined.failure();
            case DictValue dict -> throw JinjaException.type("unhashable type: 'slice'");
            default -> throw JinjaException.type("'" + owner.typeName() + "' object is not subscriptable");
        };
    }

    private static Value slice(RangeValue range, Cut cut) {
        return new RangeValue(
                range.start() + cut.first() * range.step(),
                range.start() + (cut.first() + (long) cut.count() * cut.step()) * range.step(),
                range.step() * cut.step());
    }

    private static ArrayList<Value> select(List<Value> items, Cut cut, Budget budget) {
        budget.make(cut.count());
        var selected = new ArrayList<Value>(cut.count());
        for (int i = 0; i < cut.count(); i++) {
            selected.add(items.get(cut.at(i)));
        }
        return selected;
    }

    private static Value slice(StringValue string, Cut cut, Budget budget) {
        String text = string.text();
        budget.make(cut.count());
        budget.work(text.length());
        if (cut.step() == 1) {
            int from = text.offsetByCodePoints(0, cut.first());
            return string.with(text.substring(from, text.offsetByCodePoints(from, cut.count())));
        }
        int[] points = text.codePoints().toArray();
        var selected = new StringBuilder(cut.count());
        for (int i = 0; i < cut.count(); i++) {
            selected.appendCodePoint(points[cut.at(i)]);
        }
        return string.with(selected.toString());
    }

    /** Which elements a slice takes: so many, from the first on, each so far from the one before. */
    private record Cut(int first, int count, int step) {
        int at(int index) {
            return (int) (first + (long) index * step);
        }

        static Cut of(int length, @Nullable Value start, @Nullable Value stop, @Nullable Value step) {
            int stride = step == null || step == NoneValue.NONE ? 1 : whole(step);
            if (stride == 0) {
                throw JinjaException.value("slice step cannot be zero");
            }
            stride = Math.max(stride, -Integer.MAX_VALUE);
            long from = bound(start, length, stride, stride > 0 ? 0 : length - 1L);
            long to = bound(stop, length, stride, stride > 0 ? length : -1L);
            long distance = stride > 0 ? to - from : from - to;
            long count = distance <= 0 ? 0 : (distance - 1) / Math.abs((long) stride) + 1;
            return new Cut(count == 0 ? 0 : (int) from, (int) count, stride);
        }

        private static long bound(@Nullable Value value, int length, int stride, long otherwise) {
            if (value == null || value == NoneValue.NONE) {
                return otherwise;
            }
            long bound = whole(value);
            if (bound < 0) {
                bound = Math.max(bound + length, stride > 0 ? 0 : -1);
            }
            return Math.min(bound, stride > 0 ? length : length - 1L);
        }

        private static int whole(Value value) {
            BigInteger number = Numbers.index(value);
            if (number == null) {
                throw JinjaException.type("slice indices must be integers or None or have an __index__ method");
            }
            return Numbers.clamped(number);
        }
    }
}
