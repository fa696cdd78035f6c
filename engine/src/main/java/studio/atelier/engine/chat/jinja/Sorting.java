package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's {@code sorted}: stable, by {@code <} alone. */
final class Sorting {
    interface Key<T> {
        Value of(T item);
    }

    private record Keyed<T>(Value key, T item) {}

    private Sorting() {}

    /** @param reverse from the largest on, equal ones still in the order in which they came */
    static <T> List<T> sorted(List<T> items, Key<T> key, boolean reverse, Budget budget) {
        var keyed = new ArrayList<Keyed<T>>(items.size());
        for (T item : items) {
            budget.make(1);
            keyed.add(new Keyed<>(key.of(item), item));
        }
        List<Keyed<T>> ordered = merged(reverse ? keyed.reversed() : keyed, budget);
        List<T> result = new ArrayList<>(ordered.size());
        for (var each : reverse ? ordered.reversed() : ordered) {
            result.add(each.item());
        }
        return result;
    }

    /** A merge of halves: unlike the JDK's it stands keys that contradict each other, as NaN does. */
    private static <T> List<Keyed<T>> merged(List<Keyed<T>> items, Budget budget) {
        if (items.size() < 2) {
            return items;
        }
        int middle = items.size() / 2;
        List<Keyed<T>> left = merged(items.subList(0, middle), budget);
        List<Keyed<T>> right = merged(items.subList(middle, items.size()), budget);
        var result = new ArrayList<Keyed<T>>(items.size());
        int i = 0;
        int j = 0;
        while (i < left.size() && j < right.size()) {
            boolean rightFirst = Comparison.less(right.get(j).key(), left.get(i).key(), budget);
            result.add(rightFirst ? right.get(j++) : left.get(i++));
        }
        result.addAll(left.subList(i, left.size()));
        result.addAll(right.subList(j, right.size()));
        return result;
    }
}
