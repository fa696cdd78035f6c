package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where filters look in each item: {@code address.city}, {@code parts.0}; without steps it is the item itself.
 *
 * @param otherwise what stands for an undefined step, if anything
 */
record AttributePath(List<Value> steps, @Nullable Value otherwise, Budget budget) {
    static AttributePath of(@Nullable Value attribute, Rendering rendering) {
        return of(attribute, null, rendering);
    }

    static AttributePath of(@Nullable Value attribute, @Nullable Value otherwise, Rendering rendering) {
        List<Value> steps = attribute == null
                ? List.of()
                : attribute instanceof StringValue path ? steps(path.text()) : List.of(attribute);
        return new AttributePath(steps, otherwise, rendering.budget());
    }

    /** Several paths, parted by commas. */
    static List<AttributePath> several(@Nullable Value attribute, Rendering rendering) {
        if (!(attribute instanceof StringValue paths)) {
            return List.of(of(attribute, rendering));
        }
        return TextSplitting.by(",", paths.text(), -1).stream()
                .map(path -> new AttributePath(steps(path), null, rendering.budget()))
                .toList();
    }

    private static List<Value> steps(String path) {
        var steps = new ArrayList<Value>();
        for (String step : TextSplitting.by(".", path, -1)) {
            steps.add(step.matches("[0-9]{1,9}") ? IntegerValue.of(Integer.parseInt(step)) : StringValue.of(step));
        }
        return steps;
    }

    Value get(Value item) {
        Value value = item;
        for (Value step : steps) {
            value = Subscripts.item(value, step, budget);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }
}
