package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters for texts. */
final class TextFilters {
    static final Map<String, Function.Body> NAMED = Map.ofEntries(
            Map.entry("capitalize", changing("do_capitalize", Characters::capitalized)),
            Map.entry("lower", changing("do_lower", Characters::lower)),
            Map.entry("upper", changing("do_upper", Characters::upper)),
            Map.entry("title", changing("do_title", TextFilters::title)),
            Map.entry("trim", TextFilters::trim),
            Map.entry("center", TextFilters::center),
            Map.entry("replace", TextFilters::replace),
            Map.entry("indent", TextFilters::indent),
            Map.entry("truncate", TextFilters::truncate),
            Map.entry("wordcount", TextFilters::wordCount),
            Map.entry("wordwrap", TextFilters::wordWrap),
            Map.entry("format", TextFilters::format));

    private interface Change {
        String of(String text);
    }

    private TextFilters() {}

    /** A text as it is, anything else as its text. */
    static StringValue soft(Value value, Rendering rendering) {
        return value instanceof StringValue string ? string : StringValue.of(rendering.str(value));
    }

    private static Function.Body changing(String name, Change change) {
        return (arguments, rendering) -> {
            StringValue text = soft(arguments.bind(name, "s").get(0), rendering);
            return text.with(rendering.budget().made(change.of(text.text())));
        };
    }

    private static String title(String text) {
        var out = new StringBuilder(text.length());
        boolean begins = true;
        for (int point : text.codePoints().toArray()) {
            String one = Character.toString(point);
            out.append(begins ? Characters.upper(one) : Characters.lower(one));
            begins = Characters.isSpace(point) || "-({[<".indexOf(point) >= 0;
        }
        return out.toString();
    }

    private static Value trim(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_trim", "value", "chars?");
        StringValue text = soft(bound.get(0), rendering);
        rendering.budget().work(text.text().length());
        String chars = bound.given(1) == null ? null : bound.text(1);
        return text.with(StringMethods.strip(text.text(), chars, true, true));
    }

    private static Value center(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_center", "value", "width?");
        StringValue text = soft(bound.get(0), rendering);
        return text.with(StringMethods.padded("center", text.text(), bound.integer(1, 80), " ", rendering.budget()));
    }

    private static Value replace(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_replace", "s", "old", "new", "count?");
        Value old = bound.get(1);
        Value to = bound.get(2);
        int count = bound.integer(3, -1);
        Budget budget = rendering.budget();
        if (!rendering.autoescape()) {
            return StringValue.of(TextSearch.replace(
                    rendering.str(bound.get(0)), rendering.str(old), rendering.str(to), count, budget));
        }
        StringValue text = soft(bound.get(0), rendering);
        boolean safe = text.markup() || isMarkup(old) || isMarkup(to);
        String source = isMarkup(old) || (isMarkup(to) && !text.markup()) ? Html.escape(text) : text.text();
        String target = safe ? Html.escape(to, budget) : rendering.str(to);
        return new StringValue(TextSearch.replace(source, rendering.str(old), target, count, budget), safe);
    }

    static boolean isMarkup(Value value) {
        return value instanceof StringValue string && string.markup();
    }

    private static Value indent(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_indent", "s", "width?", "first?", "blank?");
        if (!(bound.get(0) instanceof StringValue text)) {
            throw bound.get(0) instanceof Undefined undefined
                    ? undefined.failure()
                    : JinjaException.type("unsupported operand type(s) for +=: '"
                            + bound.get(0).typeName() + "' and 'str'");
        }
        String indent = bound.optional(1) instanceof StringValue string
                ? string.text()
                : spaces(bound.integer(1, 4), rendering.budget());
        boolean blank = bound.truth(3, false);
        List<String> lines = TextSplitting.lines(text.text() + "\n", false);
        var out = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            boolean indented =
                    i == 0 ? bound.truth(2, false) : blank || !lines.get(i).isEmpty();
            rendering.budget().output(out, (i == 0 ? "" : "\n") + (indented ? indent : ""));
            rendering.budget().output(out, lines.get(i));
        }
        return text.with(out.toString());
    }

    private static String spaces(int width, Budget budget) {
        budget.make(Math.max(0, width));
        return " ".repeat(Math.max(0, width));
    }

    private static Value truncate(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_truncate", "s", "length?", "killwords?", "end?", "leeway?");
        int length = bound.integer(1, 255);
        String end = bound.text(3, "...");
        int endLength = end.codePointCount(0, end.length());
        int leeway = bound.integer(4, 5);
        if (length < endLength || leeway < 0) {
            throw JinjaException.value("expected length >= " + endLength + ", got " + length);
        }
        StringValue text = bound.string(0);
        if (text.length() <= (long) length + leeway) {
            return text;
        }
        String cut = text.text().substring(0, text.text().offsetByCodePoints(0, length - endLength));
        if (!bound.truth(2, false)) {
            cut = TextSplitting.byFromRight(" ", cut, 1).getFirst();
        }
        return text.with(cut + end);
    }

    private static Value wordCount(Arguments arguments, Rendering rendering) {
        String text =
                soft(arguments.bind("do_wordcount", "s").get(0), rendering).text();
        long count = 0;
        boolean inWord = false;
        for (int point : text.codePoints().toArray()) {
            boolean word = point == '_' || Characters.isAlphabetic(point) || Characters.isNumeric(point);
            count += word && !inWord ? 1 : 0;
            inWord = word;
        }
        return IntegerValue.of(count);
    }

    private static Value wordWrap(Arguments arguments, Rendering rendering) {
        Bound bound =
                arguments.bind("do_wordwrap", "s", "width?", "break_long_words?", "wrapstring?", "break_on_hyphens?");
        String wrap = bound.text(3, "\n");
        var wrapper = new WordWrap(bound.integer(1, 79), bound.truth(2, true), bound.truth(4, true));
        var lines = new ArrayList<String>();
        for (String paragraph : TextSplitting.lines(bound.text(0), false)) {
            lines.add(TextSearch.join(wrap, wrapper.lines(paragraph), rendering.budget()));
        }
        return StringValue.of(TextSearch.join(wrap, lines, rendering.budget()));
    }

    private static Value format(Arguments arguments, Rendering rendering) {
        if (arguments.positional().size() > 1 && !arguments.named().isEmpty()) {
            throw JinjaException.runtime("can't handle positional and keyword arguments at the same time");
        }
        StringValue format = soft(arguments.positional().getFirst(), rendering);
        Value values = TupleValue.of(arguments.without(1).positional());
        if (!arguments.named().isEmpty()) {
            var dict = new DictValue();
            arguments.named().forEach(dict::put);
            values = dict;
        }
        return PercentFormat.apply(format, values, rendering.budget());
    }
}
