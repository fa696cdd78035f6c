package studio.atelier.engine.chat.jinja;

import java.util.Iterator;

/** What {@code keys()}, {@code values()} and {@code items()} of a dict give: its content, seen live. */
record DictView(DictValue dict, Part part) implements Value {
    enum Part {
        KEYS,
        VALUES,
        ITEMS
    }

    Iterator<Value> iterator() {
        var entries = dict.entries();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return entries.hasNext();
            }

            @Override
            public Value next() {
                var entry = entries.next();
                return switch (part) {
                    case KEYS -> entry.key();
                    case VALUES -> entry.value();
                    case ITEMS -> TupleValue.of(entry.key(), entry.value());
                };
            }
        };
    }

    @Override
    public String typeName() {
        return switch (part) {
            case KEYS -> "dict_keys";
            case VALUES -> "dict_values";
            case ITEMS -> "dict_items";
        };
    }
}
