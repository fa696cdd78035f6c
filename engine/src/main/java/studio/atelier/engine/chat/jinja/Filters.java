package studio.atelier.engine.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/** What stands after {@code |}: Jinja's own filters, transformers' {@code tojson}, and {@code from_json}. */
final class Filters {
    private static final Map<String, Function.Body> NAMED = all();

    private Filters() {}

    static Function.Body named(String name) {
        Function.Body filter = NAMED.get(name);
        if (filter == null) {
            throw JinjaException.runtime("No filter named " + Texts.quoted(name) + ".");
        }
        return filter;
    }

    static boolean knows(String name) {
        return NAMED.containsKey(name);
    }

    private static Map<String, Function.Body> all() {
        var all = new HashMap<String, Function.Body>();
        all.putAll(ValueFilters.NAMED);
        all.putAll(TextFilters.NAMED);
        all.putAll(HtmlFilters.NAMED);
        all.putAll(NumberFilters.NAMED);
        all.putAll(SequenceFilters.NAMED);
        all.putAll(OrderFilters.NAMED);
        all.putAll(SelectionFilters.NAMED);
        return Map.copyOf(all);
    }
}
