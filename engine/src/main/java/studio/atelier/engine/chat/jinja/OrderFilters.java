package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters that put items in order or compare them. */
final class OrderFilters {
    static final Map<String, Function.Body> NAMED = Map.of(
            "sort", OrderFilters::sort,
            "dictsort", OrderFilters::dictSort,
            "groupby", OrderFilters::groupBy,
            "unique", OrderFilters::unique,
            "min", (arguments, rendering) -> extreme("do_min", arguments, rendering, false),
            "max", (arguments, rendering) -> extreme("do_max", arguments, rendering, true));

    private OrderFilters() {}

    /** A text in lower case, unless case counts. */
    private static Value cased(Value value, boolean caseCounts) {
        return caseCounts || !(value instanceof StringValue string)
                ? value
                : string.with(Characters.lower(string.text()));
    }

    private static Value sort(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_sort", "value", "reverse?", "case_sensitive?", "attribute?");
        boolean caseCounts = bound.truth(2, false);
        List<AttributePath> paths = AttributePath.several(bound.given(3), rendering);
        List<Value> items = Iteration.collect(bound.get(0), rendering.budget());
        return ListValue.of(Sorting.sorted(
                items,
                item -> ListValue.of(paths.stream()
                        .map(path -> cased(path.get(item), caseCounts))
                        .toList()),
                bound.truth(1, false),
                rendering.budget()));
    }

    private static Value dictSort(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_dictsort", "value", "case_sensitive?", "by?", "reverse?");
        String by = bound.text(2, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw JinjaException.runtime("You can only sort by either \"key\" or \"value\"");
        }
        if (!(bound.get(0) instanceof DictValue dict)) {
            throw Undefined.attribute(bound.get(0), "items").failure();
        }
        boolean caseCounts = bound.truth(1, false);
        var entries = new ArrayList<DictValue.Entry>();
        dict.entries().forEachRemaining(entries::add);
        List<DictValue.Entry> sorted = Sorting.sorted(
                entries,
                entry -> cased(by.equals("key") ? entry.key() : entry.value(), caseCounts),
                bound.truth(3, false),
                rendering.budget());
        return ListValue.of(sorted.stream()
                .map(entry -> TupleValue.of(entry.key(), entry.value()))
                .toList());
    }

    private static Value groupBy(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_groupby", "value", "attribute", "default?", "case_sensitive?");
        boolean caseCounts = bound.truth(3, false);
        AttributePath path = AttributePath.of(bound.get(1), bound.given(2), rendering);
        List<Value> sorted = Sorting.sorted(
                Iteration.collect(bound.get(0), rendering.budget()),
                item -> cased(path.get(item), caseCounts),
                false,
                rendering.budget());
        var groups = new ArrayList<Value>();
        for (int from = 0; from < sorted.size(); ) {
            Value key = cased(path.get(sorted.get(from)), caseCounts);
            int to = from + 1;
            while (to < sorted.size()
                    && Comparison.equal(key, cased(path.get(sorted.get(to)), caseCounts), rendering.budget())) {
                to++;
            }
            Value group = ListValue.of(sorted.subList(from, to));
            groups.add(new TupleValue(List.of(path.get(sorted.get(from)), group), List.of("grouper", "list")));
            from = to;
        }
        return new ListValue(groups);
    }

    private static Value unique(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_unique", "value", "case_sensitive?", "attribute?");
        boolean caseCounts = bound.truth(1, false);
        AttributePath path = AttributePath.of(bound.given(2), rendering);
        Iterator<Value> items = Iteration.of(bound.get(0), rendering.budget());
        var seen = new HashSet<Object>();
        return GeneratorValue.of(new LazyIterator(() -> {
            while (items.hasNext()) {
                rendering.budget().make(1);
                Value item = items.next();
                if (seen.add(HashKey.of(cased(path.get(item), caseCounts)))) {
                    return item;
                }
            }
            return null;
        }));
    }

    private static Value extreme(String name, Arguments arguments, Rendering rendering, boolean largest) {
        Bound bound = arguments.bind(name, "value", "case_sensitive?", "attribute?");
        boolean caseCounts = bound.truth(1, false);
        AttributePath path = AttributePath.of(bound.given(2), rendering);
        Value best = null;
        Value bestKey = null;
        for (Value item : Iteration.collect(bound.get(0), rendering.budget())) {
            Value key = cased(path.get(item), caseCounts);
            if (bestKey == null || beats(key, bestKey, largest, rendering.budget())) {
                best = item;
                bestKey = key;
            }
        }
        return orUndefined(best);
    }

    private static boolean beats(Value key, Value best, boolean largest, Budget budget) {
        return largest ? Comparison.less(best, key, budget) : Comparison.less(key, best, budget);
    }

    private static Value orUndefined(@Nullable Value value) {
        return value == null ? Undefined.because("No aggregated item, sequence was empty.") : value;
    }
}
