package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Filters for sequences as a whole. */
final class SequenceFilters {
    static final Map<String, Function.Body> NAMED = Map.ofEntries(
            Map.entry("length", SequenceFilters::length),
            Map.entry("count", SequenceFilters::length),
            Map.entry("list", SequenceFilters::list),
            Map.entry("first", SequenceFilters::first),
            Map.entry("last", SequenceFilters::last),
            Map.entry("random", SequenceFilters::random),
            Map.entry("reverse", SequenceFilters::reverse),
            Map.entry("join", SequenceFilters::join),
            Map.entry("sum", SequenceFilters::sum),
            Map.entry("batch", SequenceFilters::batch),
            Map.entry("slice", SequenceFilters::slice));

    private SequenceFilters() {}

    private static Value length(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("len", "obj").get(0);
        Integer length = Truth.length(value);
        if (length == null) {
            throw JinjaException.type("object of type '" + value.typeName() + "' has no len()");
        }
        return IntegerValue.of(length);
    }

    private static Value list(Arguments arguments, Rendering rendering) {
        return new ListValue(
                Iteration.collect(arguments.bind("do_list", "value").get(0), rendering.budget()));
    }

    private static Value first(Arguments arguments, Rendering rendering) {
        Iterator<Value> items = Iteration.of(arguments.bind("do_first", "seq").get(0), rendering.budget());
        return items.hasNext() ? items.next() : Undefined.because("No first item, sequence was empty.");
    }

    private static Value last(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("do_last", "seq").get(0);
        Iterator<Value> items = Iteration.reversed(value, rendering.budget());
        if (items == null) {
            throw JinjaException.type("'" + value.typeName() + "' object is not reversible");
        }
        return items.hasNext() ? items.next() : Undefined.because("No last item, sequence was empty.");
    }

    private static Value random(Arguments arguments, Rendering rendering) {
        List<Value> items = Iteration.collect(arguments.bind("do_random", "seq").get(0), rendering.budget());
        return items.isEmpty()
                ? Undefined.because("No random item, sequence was empty.")
                : items.get(ThreadLocalRandom.current().nextInt(items.size()));
    }

    private static Value reverse(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("do_reverse", "value").get(0);
        Budget budget = rendering.budget();
        if (value instanceof StringValue string) {
            return string.with(
                    budget.made(new StringBuilder(string.text()).reverse().toString()));
        }
        Iterator<Value> backwards = Iteration.reversed(value, budget);
        if (backwards != null) {
            return new GeneratorValue(backwards, value.typeName() + "_reverseiterator");
        }
        Iterator<Value> items = Iteration.over(value, budget);
        if (items == null) {
            throw JinjaException.runtime("argument must be iterable");
        }
        return ListValue.of(Iteration.collect(value, budget).reversed());
    }

    private static Value join(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_join", "value", "d?", "attribute?");
        AttributePath path = AttributePath.of(bound.given(2), rendering);
        List<Value> items = new ArrayList<>();
        for (Value item : Iteration.collect(bound.get(0), rendering.budget())) {
            items.add(path.get(item));
        }
        Value separator = bound.optional(1) == null ? StringValue.EMPTY : bound.get(1);
        boolean markup = rendering.autoescape()
                && (TextFilters.isMarkup(separator) || items.stream().anyMatch(TextFilters::isMarkup));
        var pieces = new ArrayList<String>(items.size());
        for (Value item : items) {
            pieces.add(markup ? Html.escape(item, rendering.budget()) : rendering.str(item));
        }
        String between = markup ? Html.escape(separator, rendering.budget()) : rendering.str(separator);
        return new StringValue(TextSearch.join(between, pieces, rendering.budget()), markup);
    }

    private static Value sum(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_sum", "iterable", "attribute?", "start?");
        AttributePath path = AttributePath.of(bound.given(1), rendering);
        Value sum = bound.optional(2) == null ? IntegerValue.of(0) : bound.get(2);
        if (sum instanceof StringValue) {
            throw JinjaException.type("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Value item : Iteration.collect(bound.get(0), rendering.budget())) {
            sum = Arithmetic.apply(Arithmetic.Operator.ADD, sum, path.get(item), rendering.budget());
        }
        return sum;
    }

    private static Value batch(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_batch", "value", "linecount", "fill_with?");
        int size = bound.integer(1);
        Value fill = bound.given(2);
        var batches = new ArrayList<Value>();
        var batch = new ArrayList<Value>();
        for (Value item : Iteration.collect(bound.get(0), rendering.budget())) {
            if (batch.size() == size) {
                batches.add(ListValue.of(batch));
                batch.clear();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            while (fill != null && batch.size() < size) {
                rendering.budget().make(1);
                batch.add(fill);
            }
            batches.add(ListValue.of(batch));
        }
        return GeneratorValue.of(batches.iterator());
    }

    private static Value slice(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_slice", "value", "slices", "fill_with?");
        List<Value> items = Iteration.collect(bound.get(0), rendering.budget());
        int slices = bound.integer(1);
        Value fill = bound.given(2);
        if (slices == 0) {
            throw new JinjaException(JinjaException.Fault.ARITHMETIC, "integer division or modulo by zero");
        }
        rendering.budget().make(Math.max(0, slices));
        int each = items.size() / Math.max(1, slices);
        int longer = items.size() % Math.max(1, slices);
        var result = new ArrayList<Value>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            int to = from + each + (i < longer ? 1 : 0);
            var part = new ArrayList<>(items.subList(from, to));
            if (fill != null && i >= longer) {
                part.add(fill);
            }
            result.add(new ListValue(part));
            from = to;
        }
        return GeneratorValue.of(result.iterator());
    }
}
