package studio.atelier.engine.chat.jinja;

import java.util.Map;

/** Filters for values of any kind. */
final class ValueFilters {
    static final Map<String, Function.Body> NAMED = Map.of(
            "default", ValueFilters::otherwise,
            "d", ValueFilters::otherwise,
            "attr", ValueFilters::attr,
            "items", ValueFilters::items,
            "string", ValueFilters::string,
            "tojson", JsonText::tojson,
            "from_json", ValueFilters::fromJson,
            "pprint", ValueFilters::prettyPrint);

    private ValueFilters() {}

    private static Value otherwise(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_default", "value", "default_value?", "boolean?");
        Value value = bound.get(0);
        Value otherwise = bound.optional(1);
        boolean replaced = value instanceof Undefined || (bound.truth(2, false) && !Truth.of(value));
        return !replaced ? value : otherwise == null ? StringValue.EMPTY : otherwise;
    }

    private static Value attr(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_attr", "obj", "name");
        Value found = Subscripts.ownAttribute(bound.get(0), bound.text(1));
        return found == null ? Undefined.attribute(bound.get(0), bound.text(1)) : found;
    }

    /** The pairs of a mapping; that something is none shows only when it is gone through. */
    private static Value items(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("do_items", "value").get(0);
        var pairs = value instanceof DictValue dict ? new DictView(dict, DictView.Part.ITEMS).iterator() : null;
        return GeneratorValue.of(new LazyIterator(() -> {
            if (pairs == null && !(value instanceof Undefined)) {
                throw JinjaException.type("Can only get item pairs from a mapping.");
            }
            return pairs != null && pairs.hasNext() ? pairs.next() : null;
        }));
    }

    private static Value string(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("soft_str", "s").get(0);
        return value instanceof StringValue ? value : StringValue.of(rendering.str(value));
    }

    private static Value fromJson(Arguments arguments, Rendering rendering) {
        return Json.parse(arguments.bind("from_json", "s").text(0), rendering.budget());
    }

    private static Value prettyPrint(Arguments arguments, Rendering rendering) {
        return StringValue.of(Texts.repr(arguments.bind("do_pprint", "value").get(0), rendering.budget()));
    }
}
