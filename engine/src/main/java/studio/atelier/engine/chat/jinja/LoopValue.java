package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code loop} is inside a loop. */
final class LoopValue implements Callable {
    /** Renders the loop's body for other items, one level deeper. */
    interface Recursion {
        Value render(Value items, int depth);
    }

    private final Value items;
    private final @Nullable Recursion recursion;
    private final int depth;
    private final Budget budget;
    private Iterator<Value> iterator;
    private int index0 = -1;
    private int length = -1;
    private @Nullable Value previous;
    private @Nullable Value current;
    private @Nullable Value ahead;
    private @Nullable Value lastChanged;

    /** @param depth how many loops this one was called from, 0 for none */
    LoopValue(Value items, @Nullable Recursion recursion, int depth, Budget budget) {
        this.items = items;
        this.recursion = recursion;
        this.depth = depth;
        this.budget = budget;
        this.iterator = Iteration.of(items, budget);
    }

    /** Moves on to the next item; null after the last. */
    @Nullable
    Value advance() {
        Value next = peek();
        if (next != null) {
            ahead = null;
            index0++;
            previous = current;
            current = next;
        }
        return next;
    }

    private @Nullable Value peek() {
        if (ahead == null && iterator.hasNext()) {
            ahead = iterator.next();
        }
        return ahead;
    }

    int index() {
        return index0 + 1;
    }

    /** How many items there are; a generator is read to its end for that. */
    int length() {
        if (length < 0) {
            Integer known = Truth.length(items);
            if (known == null) {
                var rest = new ArrayList<Value>();
                while (iterator.hasNext()) {
                    budget.make(1);
                    rest.add(iterator.next());
                }
                iterator = rest.iterator();
                known = rest.size() + index() + (ahead == null ? 0 : 1);
            }
            length = known;
        }
        return length;
    }

    /** The items to come, each with this loop, as Python gives them. */
    Iterator<Value> rest() {
        return new LazyIterator(() -> {
            Value next = advance();
            return next == null ? null : TupleValue.of(next, this);
        });
    }

    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "index" -> IntegerValue.of(index());
            case "index0" -> IntegerValue.of(index0);
            case "revindex" -> IntegerValue.of(length() - index0);
            case "revindex0" -> IntegerValue.of(length() - index());
            case "first" -> BooleanValue.of(index0 == 0);
            case "last" -> BooleanValue.of(peek() == null);
            case "length" -> IntegerValue.of(length());
            case "depth" -> IntegerValue.of(depth + 1L);
            case "depth0" -> IntegerValue.of(depth);
            case "previtem" ->
                index0 == 0 || previous == null ? Undefined.because("there is no previous item") : previous;
            case "nextitem" -> {
                Value next = peek();
                yield next == null ? Undefined.because("there is no next item") : next;
            }
            case "cycle" -> Function.method("cycle", (arguments, rendering) -> cycle(arguments.positional()));
            case "changed" -> Function.method("changed", (arguments, rendering) -> changed(arguments, rendering));
            default -> null;
        };
    }

    private Value cycle(List<Value> values) {
        if (values.isEmpty()) {
            throw JinjaException.type("no items for cycling given");
        }
        return values.get(index0 % values.size());
    }

    private Value changed(Arguments arguments, Rendering rendering) {
        Value now = TupleValue.of(arguments.positional());
        boolean changed = lastChanged == null || !Comparison.equal(lastChanged, now, rendering.budget());
        lastChanged = now;
        return BooleanValue.of(changed);
    }

    @Override
    public Value call(Arguments arguments, Rendering rendering) {
        Value inner = arguments.bind("loop", "iterable").get(0);
        if (recursion == null) {
            throw JinjaException.type("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.render(inner, depth + 1);
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }

    @Override
    public String qualifiedTypeName() {
        return "jinja2.runtime.LoopContext";
    }
}
