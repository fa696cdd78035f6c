package studio.atelier.engine.chat.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** Python's {@code str()} and {@code repr()}. */
final class Texts {
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();
    private final Deque<Value> open = new ArrayDeque<>();

    private Texts(Budget budget) {
        this.budget = budget;
    }

    /** What {@code {{ value }}} prints. */
    static String str(Value value, Budget budget) {
        return switch (value) {
            case StringValue string -> string.text();
            case Undefined undefined -> "";
            default -> repr(value, budget);
        };
    }

    static String repr(Value value, Budget budget) {
        var texts = new Texts(budget);
        texts.append(value);
        return budget.made(texts.out.toString());
    }

    /** A text in quotes, as Python's {@code repr} writes it. */
    static String quoted(String text) {
        boolean doubled = text.indexOf('\'') >= 0 && text.indexOf('"') < 0;
        char quote = doubled ? '"' : '\'';
        var out = new StringBuilder(text.length() + 2).append(quote);
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            if (point == quote || point == '\\') {
                out.append('\\').appendCodePoint(point);
            } else if (point == '\n') {
                out.append("\\n");
            } else if (point == '\r') {
                out.append("\\r");
            } else if (point == '\t') {
                out.append("\\t");
            } else if (Characters.isPrintable(point)) {
                out.appendCodePoint(point);
            } else if (point < 0x100) {
                out.append(String.format("\\x%02x", point));
            } else if (point < 0x10000) {
                out.append(String.format("\\u%04x", point));
            } else {
                out.append(String.format("\\U%08x", point));
            }
        }
        return out.append(quote).toString();
    }

    private void append(Value value) {
        budget.nesting(open.size());
        if (out.length() > Budget.MAX_OUTPUT_CHARACTERS) {
            throw JinjaException.limit(
                    "a value is longer than " + Budget.MAX_OUTPUT_CHARACTERS + " characters as text");
        }
        switch (value) {
            case NoneValue none -> out.append("None");
            case BooleanValue truth -> out.append(truth.truth() ? "True" : "False");
            case IntegerValue integer -> out.append(decimal(integer));
            case FloatValue number -> out.append(FloatText.repr(number.number()));
            case StringValue string -> {
                budget.work(string.text().length());
                out.append(string.markup() ? "Markup(" + quoted(string.text()) + ")" : quoted(string.text()));
            }
            case Undefined undefined -> out.append("Undefined");
            case ListValue list -> sequence(list, list.items().iterator(), "[", "]");
            case TupleValue tuple ->
                sequence(tuple, tuple.items().iterator(), "(", tuple.items().size() == 1 ? ",)" : ")");
            case DictValue dict -> dict(dict);
            case DictView view -> sequence(view, view.iterator(), view.typeName() + "([", "])");
            case RangeValue range ->
                out.append("range(" + range.start() + ", " + range.stop()
                        + (range.step() == 1 ? "" : ", " + range.step()) + ")");
            case NamespaceValue namespace -> {
                out.append("<Namespace ");
                dict(namespace.attributes());
                out.append('>');
            }
            case LoopValue loop -> out.append("<LoopContext " + loop.index() + "/" + loop.length() + ">");
            case MacroValue macro -> out.append("<Macro " + macro.described() + ">");
            case Function function -> out.append("<" + function.typeName() + " " + function.name() + ">");
            case GeneratorValue generator -> out.append("<" + generator.typeName() + " object>");
            case CyclerValue cycler -> out.append("<jinja2.utils.Cycler object>");
        }
    }

    private static String decimal(IntegerValue integer) {
        String decimal = integer.number().toString();
        if (decimal.length() > Numbers.MAX_DIGITS + 1) {
            throw JinjaException.value("Exceeds the limit (" + Numbers.MAX_DIGITS
                    + " digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit");
        }
        return decimal;
    }

    private void sequence(Value whole, Iterator<Value> items, String before, String after) {
        if (isOpen(whole)) {
            out.append(whole instanceof TupleValue ? "(...)" : whole instanceof ListValue ? "[...]" : "...");
            return;
        }
        open.push(whole);
        out.append(before);
        String separator = "";
        while (items.hasNext()) {
            out.append(separator);
            append(items.next());
            separator = ", ";
        }
        out.append(after);
        open.pop();
    }

    private void dict(DictValue dict) {
        if (isOpen(dict)) {
            out.append("{...}");
            return;
        }
        open.push(dict);
        out.append('{');
        String separator = "";
        for (var entries = dict.entries(); entries.hasNext(); separator = ", ") {
            var entry = entries.next();
            out.append(separator);
            append(entry.key());
            out.append(": ");
            append(entry.value());
        }
        out.append('}');
        open.pop();
    }

    private boolean isOpen(Value value) {
        return open.stream().anyMatch(each -> each == value);
    }
}
