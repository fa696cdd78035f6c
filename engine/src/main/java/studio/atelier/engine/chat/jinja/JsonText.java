package studio.atelier.engine.chat.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code tojson} as transformers has it: Python's {@code json.dumps}, nothing escaped for HTML. */
final class JsonText {
    private final Budget budget;
    private final boolean ascii;
    private final boolean sorted;
    private final @Nullable String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final StringBuilder out = new StringBuilder();
    private final Deque<Value> open = new ArrayDeque<>();

    private JsonText(Bound options, Budget budget) {
        this.budget = budget;
        this.ascii = options.truth(1, false);
        this.indent = indent(options.given(2));
        this.sorted = options.truth(4, false);
        Value separators = options.given(3);
        if (separators == null) {
            itemSeparator = indent == null ? ", " : ",";
            keySeparator = ": ";
        } else {
            List<Value> pair = Iteration.collect(separators, budget);
            if (pair.size() != 2) {
                throw JinjaException.value("separators must be a pair");
            }
            itemSeparator = Texts.str(pair.get(0), budget);
            keySeparator = Texts.str(pair.get(1), budget);
        }
    }

    static Value tojson(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("tojson", "x", "ensure_ascii?", "indent?", "separators?", "sort_keys?");
        var json = new JsonText(bound, rendering.budget());
        json.append(bound.get(0));
        return StringValue.of(rendering.budget().made(json.out.toString()));
    }

    private static @Nullable String indent(@Nullable Value indent) {
        if (indent == null) {
            return null;
        }
        if (indent instanceof StringValue string) {
            return string.text();
        }
        var width = Numbers.index(indent);
        if (width == null) {
            throw JinjaException.type("indent must be a number or a string, not " + indent.typeName());
        }
        return " ".repeat(Math.clamp(Numbers.clamped(width), 0, 1_000));
    }

    private void append(Value value) {
        budget.nesting(open.size());
        if (out.length() > Budget.MAX_OUTPUT_CHARACTERS) {
            throw JinjaException.limit(
                    "a value is longer than " + Budget.MAX_OUTPUT_CHARACTERS + " characters as JSON");
        }
        switch (value) {
            case NoneValue none -> out.append("null");
            case BooleanValue truth -> out.append(truth.truth());
            case IntegerValue integer -> out.append(Texts.repr(integer, budget));
            case FloatValue number -> out.append(number(number.number()));
            case StringValue string -> string(string.text());
            case ListValue list -> list(list, list.items());
            case TupleValue tuple -> list(tuple, tuple.items());
            case DictValue dict -> dict(dict);
            default -> throw JinjaException.type("Object of type " + value.typeName() + " is not JSON serializable");
        }
    }

    private static String number(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        return Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : FloatText.repr(number);
    }

    private void list(Value whole, List<Value> items) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        enter(whole);
        out.append('[');
        String separator = "";
        for (Value item : items) {
            out.append(separator);
            breakLine();
            append(item);
            separator = itemSeparator;
        }
        open.pop();
        breakLine();
        out.append(']');
    }

    private void dict(DictValue dict) {
        if (dict.size() == 0) {
            out.append("{}");
            return;
        }
        enter(dict);
        out.append('{');
        String separator = "";
        for (Iterator<DictValue.Entry> entries = entries(dict); entries.hasNext(); separator = itemSeparator) {
            var entry = entries.next();
            out.append(separator);
            breakLine();
            string(key(entry.key()));
            out.append(keySeparator);
            append(entry.value());
        }
        open.pop();
        breakLine();
        out.append('}');
    }

    private Iterator<DictValue.Entry> entries(DictValue dict) {
        if (!sorted) {
            return dict.entries();
        }
        var all = new ArrayList<DictValue.Entry>();
        dict.entries().forEachRemaining(all::add);
        return Sorting.sorted(all, DictValue.Entry::key, false, budget).iterator();
    }

    private void enter(Value whole) {
        if (open.stream().anyMatch(each -> each == whole)) {
            throw JinjaException.value("Circular reference detected");
        }
        open.push(whole);
    }

    private void breakLine() {
        if (indent != null) {
            out.append('\n').repeat(indent, open.size());
        }
    }

    private String key(Value key) {
        return switch (key) {
            case StringValue string -> string.text();
            case BooleanValue truth -> truth.truth() ? "true" : "false";
            case NoneValue none -> "null";
            case IntegerValue integer -> Texts.repr(integer, budget);
            case FloatValue number -> number(number.number());
            default -> throw JinjaException.type("keys must be str, int, float, bool or None, not " + key.typeName());
        };
    }

    private void string(String text) {
        budget.work(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
