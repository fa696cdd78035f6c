package studio.atelier.engine.chat.jinja;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;

/** Filters for HTML and addresses. */
final class HtmlFilters {
    static final Map<String, Function.Body> NAMED = Map.of(
            "safe", HtmlFilters::safe,
            "e", HtmlFilters::escape,
            "escape", HtmlFilters::escape,
            "forceescape", HtmlFilters::forceEscape,
            "striptags", HtmlFilters::stripTags,
            "xmlattr", HtmlFilters::xmlAttributes,
            "urlencode", HtmlFilters::urlEncode);

    private HtmlFilters() {}

    private static Value safe(Arguments arguments, Rendering rendering) {
        return new StringValue(
                rendering.str(arguments.bind("do_mark_safe", "value").get(0)), true);
    }

    private static Value escape(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("escape", "s").get(0);
        return new StringValue(Html.escape(value, rendering.budget()), true);
    }

    private static Value forceEscape(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("do_forceescape", "value").get(0);
        return new StringValue(rendering.budget().made(Html.escape(rendering.str(value))), true);
    }

    private static Value stripTags(Arguments arguments, Rendering rendering) {
        String text = rendering.str(arguments.bind("do_striptags", "value").get(0));
        rendering.budget().make(text.length());
        return StringValue.of(Html.withoutTags(text));
    }

    private static Value xmlAttributes(Arguments arguments, Rendering rendering) {
        Bound bound = arguments.bind("do_xmlattr", "d", "autospace?");
        if (!(bound.get(0) instanceof DictValue dict)) {
            throw JinjaException.type(
                    "xmlattr needs a dict, not " + bound.get(0).typeName());
        }
        Budget budget = rendering.budget();
        var parts = new ArrayList<String>();
        for (var entries = dict.entries(); entries.hasNext(); ) {
            var entry = entries.next();
            if (entry.value() instanceof NoneValue || entry.value() instanceof Undefined) {
                continue;
            }
            String key = rendering.str(entry.key());
            if (key.chars().anyMatch(c -> c == ' ' || (c >= '\t' && c <= '\r') || c == '/' || c == '>' || c == '=')) {
                throw JinjaException.value("Invalid character in attribute name: " + Texts.quoted(key));
            }
            parts.add(Html.escape(entry.key(), budget) + "=\"" + Html.escape(entry.value(), budget) + "\"");
        }
        String text = TextSearch.join(" ", parts, budget);
        boolean spaced = bound.truth(1, true) && !text.isEmpty();
        return new StringValue(spaced ? " " + text : text, rendering.autoescape());
    }

    private static Value urlEncode(Arguments arguments, Rendering rendering) {
        Value value = arguments.bind("do_urlencode", "value").get(0);
        Budget budget = rendering.budget();
        if (value instanceof StringValue || Iteration.over(value, budget) == null) {
            return StringValue.of(budget.made(quoted(rendering.str(value), false)));
        }
        Value pairs = value instanceof DictValue dict ? new DictView(dict, DictView.Part.ITEMS) : value;
        var parts = new ArrayList<String>();
        for (Value pair : Iteration.collect(pairs, budget)) {
            var items = Iteration.collect(pair, budget);
            if (items.size() != 2) {
                throw JinjaException.value("urlencode needs pairs");
            }
            parts.add(quoted(rendering.str(items.get(0)), true) + "=" + quoted(rendering.str(items.get(1)), true));
        }
        return StringValue.of(TextSearch.join("&", parts, budget));
    }

    private static String quoted(String text, boolean query) {
        var out = new StringBuilder(text.length());
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            boolean plain =
                    (c < 0x80 && Character.isLetterOrDigit(c)) || "_.-~".indexOf(c) >= 0 || (c == '/' && !query);
            if (plain) {
                out.append(c);
            } else if (c == ' ' && query) {
                out.append('+');
            } else {
                out.append(String.format("%%%02X", (int) c));
            }
        }
        return out.toString();
    }
}
