package studio.atelier.engine.chat.jinja;

import java.util.Iterator;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Filters that choose items or change each of them; they work while their result is gone through. */
final class SelectionFilters {
    static final Map<String, Function.Body> NAMED = Map.of(
            "map", SelectionFilters::map,
            "select", (arguments, rendering) -> select(arguments, rendering, true, false),
            "reject", (arguments, rendering) -> select(arguments, rendering, false, false),
            "selectattr", (arguments, rendering) -> select(arguments, rendering, true, true),
            "rejectattr", (arguments, rendering) -> select(arguments, rendering, false, true));

    /** What becomes of an item: itself, something else, or null for nothing. */
    private interface Change {
        @Nullable
        Value of(Value item);
    }

    private SelectionFilters() {}

    private static Value map(Arguments arguments, Rendering rendering) {
        Value value = arguments.positional().getFirst();
        Arguments more = arguments.without(1);
        return lazily(value, () -> change(more, rendering), rendering);
    }

    private static Change change(Arguments arguments, Rendering rendering) {
        Value attribute = arguments.named().get("attribute");
        if (arguments.positional().isEmpty() && attribute != null) {
            Value otherwise = arguments.named().get("default");
            for (String name : arguments.named().keySet()) {
                if (!name.equals("attribute") && !name.equals("default")) {
                    throw JinjaException.runtime("Unexpected keyword argument " + Texts.quoted(name));
                }
            }
            return AttributePath.of(attribute, otherwise == NoneValue.NONE ? null : otherwise, rendering)::get;
        }
        if (arguments.positional().isEmpty()) {
            throw JinjaException.runtime("map requires a filter argument");
        }
        Function.Body filter = Filters.named(name(arguments.positional().getFirst(), rendering));
        Arguments more = arguments.without(1);
        return item -> filter.call(more.after(item), rendering);
    }

    private static String name(Value value, Rendering rendering) {
        if (value instanceof Undefined undefined) {
            throw JinjaException.runtime("No filter or test named Undefined. ("
                    + undefined.failure().getMessage() + "; did you forget to quote the callable name?)");
        }
        return rendering.str(value);
    }

    /** @param attribute whether an attribute of each item is tested, named by the first argument */
    private static Value select(Arguments arguments, Rendering rendering, boolean wanted, boolean attribute) {
        Value value = arguments.positional().getFirst();
        Arguments more = arguments.without(1);
        return lazily(value, () -> choice(more, rendering, wanted, attribute), rendering);
    }

    private static Change choice(Arguments arguments, Rendering rendering, boolean wanted, boolean attribute) {
        if (attribute && arguments.positional().isEmpty()) {
            throw JinjaException.runtime("Missing parameter for attribute name");
        }
        AttributePath path = AttributePath.of(attribute ? arguments.positional().getFirst() : null, rendering);
        Arguments more = arguments.without(attribute ? 1 : 0);
        if (more.positional().isEmpty()) {
            return item -> Truth.of(path.get(item)) == wanted ? item : null;
        }
        Function.Body test = Tests.named(name(more.positional().getFirst(), rendering));
        Arguments rest = more.without(1);
        return item -> Truth.of(test.call(rest.after(path.get(item)), rendering)) == wanted ? item : null;
    }

    /** The items as a change leaves them; nothing of it is looked at before the first one is wanted. */
    private static Value lazily(Value value, Supplier<Change> source, Rendering rendering) {
        return GeneratorValue.of(new LazyIterator(new Supplier<@Nullable Value>() {
            private @Nullable Iterator<Value> items;
            private @Nullable Change change;

            @Override
            public @Nullable Value get() {
                if (!Truth.of(value)) {
                    return null;
                }
                Change each = change == null ? source.get() : change;
                Iterator<Value> rest = items == null ? Iteration.of(value, rendering.budget()) : items;
                change = each;
                items = rest;
                while (rest.hasNext()) {
                    rendering.budget().step();
                    Value result = each.of(rest.next());
                    if (result != null) {
                        return result;
                    }
                }
                return null;
            }
        }));
    }
}
