package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str}, except those that ask about its characters. */
final class StringMethods {
    /** A method without the value that it is bound to. */
    interface Method {
        Value call(StringValue self, Arguments arguments, Budget budget);
    }

    private static final Map<String, Method> NAMED = Map.ofEntries(
            Map.entry("capitalize", plain(Characters::capitalized)),
            Map.entry("casefold", plain(text -> Characters.lower(Characters.upper(text)))),
            Map.entry("lower", plain(Characters::lower)),
            Map.entry("upper", plain(Characters::upper)),
            Map.entry("swapcase", plain(StringMethods::swapCase)),
            Map.entry("title", plain(StringMethods::title)),
            Map.entry("strip", (self, arguments, budget) -> strip("strip", self, arguments, true, true)),
            Map.entry("lstrip", (self, arguments, budget) -> strip("lstrip", self, arguments, true, false)),
            Map.entry("rstrip", (self, arguments, budget) -> strip("rstrip", self, arguments, false, true)),
            Map.entry("split", (self, arguments, budget) -> split("split", self, arguments)),
            Map.entry("rsplit", (self, arguments, budget) -> split("rsplit", self, arguments)),
            Map.entry("splitlines", StringMethods::splitLines),
            Map.entry("partition", (self, arguments, budget) -> partition("partition", self, arguments)),
            Map.entry("rpartition", (self, arguments, budget) -> partition("rpartition", self, arguments)),
            Map.entry("startswith", (self, arguments, budget) -> affix("startswith", self, arguments)),
            Map.entry("endswith", (self, arguments, budget) -> affix("endswith", self, arguments)),
            Map.entry("removeprefix", StringMethods::removePrefix),
            Map.entry("removesuffix", StringMethods::removeSuffix),
            Map.entry("replace", StringMethods::replace),
            Map.entry("join", StringMethods::join),
            Map.entry("find", (self, arguments, budget) -> TextSearch.find("find", self, arguments)),
            Map.entry("rfind", (self, arguments, budget) -> TextSearch.find("rfind", self, arguments)),
            Map.entry("index", (self, arguments, budget) -> TextSearch.find("index", self, arguments)),
            Map.entry("rindex", (self, arguments, budget) -> TextSearch.find("rindex", self, arguments)),
            Map.entry("count", (self, arguments, budget) -> TextSearch.count(self, arguments)),
            Map.entry("center", (self, arguments, budget) -> pad("center", self, arguments, budget)),
            Map.entry("ljust", (self, arguments, budget) -> pad("ljust", self, arguments, budget)),
            Map.entry("rjust", (self, arguments, budget) -> pad("rjust", self, arguments, budget)),
            Map.entry("zfill", StringMethods::zeroFill),
            Map.entry("expandtabs", StringMethods::expandTabs),
            Map.entry("format", BraceFormat::apply),
            Map.entry("format_map", StringMethods::formatMap));

    private interface Change {
        String of(String text);
    }

    private StringMethods() {}

    private static Method plain(Change change) {
        return (self, arguments, budget) -> self.with(change.of(self.text()));
    }

    static @Nullable Value bound(StringValue self, String name) {
        Method named = NAMED.get(name);
        Method method = named == null ? CharacterMethods.named(name) : named;
        return method == null
                ? null
                : Function.method(name, (arguments, rendering) -> {
                    rendering.budget().make(self.text().length());
                    return method.call(self, arguments, rendering.budget());
                });
    }

    private static String swapCase(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            String one = Character.toString(point);
            out.append(Character.isUpperCase(point) ? Characters.lower(one) : Characters.upper(one));
        });
        return out.toString();
    }

    private static String title(String text) {
        var out = new StringBuilder(text.length());
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            out.append(inWord ? Characters.lower(Character.toString(point)) : Characters.titleCase(point));
            inWord = Characters.isCased(point);
        }
        return out.toString();
    }

    private static Value strip(String name, StringValue self, Arguments arguments, boolean left, boolean right) {
        Bound bound = arguments.bind(name, "chars?");
        String chars = bound.given(0) == null ? null : bound.text(0);
        return self.with(strip(self.text(), chars, left, right));
    }

    /** @param chars the characters to take away; null for white space */
    static String strip(String text, @Nullable String chars, boolean left, boolean right) {
        int from = 0;
        int to = text.length();
        while (left && from < to && strips(chars, text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && strips(chars, text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static boolean strips(@Nullable String chars, int point) {
        return chars == null ? Characters.isSpace(point) : chars.indexOf(point) >= 0;
    }

    private static Value split(String name, StringValue self, Arguments arguments) {
        Bound bound = arguments.bind(name, "sep?", "maxsplit?");
        int cuts = bound.integer(1, -1);
        boolean right = name.startsWith("r");
        List<String> pieces;
        if (bound.given(0) == null) {
            pieces = right
                    ? TextSplitting.bySpaceFromRight(self.text(), cuts)
                    : TextSplitting.bySpace(self.text(), cuts);
        } else {
            pieces = right
                    ? TextSplitting.byFromRight(bound.text(0), self.text(), cuts)
                    : TextSplitting.by(bound.text(0), self.text(), cuts);
        }
        return list(self, pieces);
    }

    private static Value splitLines(StringValue self, Arguments arguments, Budget budget) {
        boolean keepEnds = arguments.bind("splitlines", "keepends?").truth(0, false);
        return list(self, TextSplitting.lines(self.text(), keepEnds));
    }

    private static Value list(StringValue self, List<String> pieces) {
        return ListValue.of(pieces.stream().map(self::with).toList());
    }

    private static Value partition(String name, StringValue self, Arguments arguments) {
        String separator = arguments.bind(name, "sep").text(0);
        if (separator.isEmpty()) {
            throw JinjaException.value("empty separator");
        }
        boolean right = name.startsWith("r");
        String text = self.text();
        int at = right ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            StringValue nothing = self.with("");
            return right ? TupleValue.of(nothing, nothing, self) : TupleValue.of(self, nothing, nothing);
        }
        return TupleValue.of(
                self.with(text.substring(0, at)),
                self.with(separator),
                self.with(text.substring(at + separator.length())));
    }

    private static Value affix(String name, StringValue self, Arguments arguments) {
        Bound bound = arguments.bind(name, "affix", "start?", "end?");
        String text = TextSearch.part(self, bound);
        if (text == null) {
            return BooleanValue.FALSE;
        }
        List<Value> candidates = bound.get(0) instanceof TupleValue tuple ? tuple.items() : List.of(bound.get(0));
        for (Value candidate : candidates) {
            if (!(candidate instanceof StringValue string)) {
                throw JinjaException.type(
                        name + " first arg must be str or a tuple of str, not " + candidate.typeName());
            }
            if (name.equals("startswith") ? text.startsWith(string.text()) : text.endsWith(string.text())) {
                return BooleanValue.TRUE;
            }
        }
        return BooleanValue.FALSE;
    }

    private static Value removePrefix(StringValue self, Arguments arguments, Budget budget) {
        String prefix = arguments.bind("removeprefix", "prefix").text(0);
        return self.with(self.text().startsWith(prefix) ? self.text().substring(prefix.length()) : self.text());
    }

    private static Value removeSuffix(StringValue self, Arguments arguments, Budget budget) {
        String suffix = arguments.bind("removesuffix", "suffix").text(0);
        int length = self.text().length() - suffix.length();
        return self.with(self.text().endsWith(suffix) ? self.text().substring(0, length) : self.text());
    }

    private static Value replace(StringValue self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind("replace", "old", "new", "count?");
        String to = self.markup() ? Html.escape(bound.string(1)) : bound.text(1);
        return self.with(TextSearch.replace(self.text(), bound.text(0), to, bound.integer(2, -1), budget));
    }

    private static Value join(StringValue self, Arguments arguments, Budget budget) {
        List<Value> items = Iteration.collect(arguments.bind("join", "iterable").get(0), budget);
        var pieces = new ArrayList<String>(items.size());
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof StringValue string) {
                pieces.add(self.markup() ? Html.escape(string) : string.text());
            } else if (self.markup()) {
                pieces.add(Html.escape(items.get(i), budget));
            } else {
                throw JinjaException.type("sequence item " + i + ": expected str instance, "
                        + items.get(i).typeName() + " found");
            }
        }
        return self.with(TextSearch.join(self.text(), pieces, budget));
    }

    private static Value pad(String name, StringValue self, Arguments arguments, Budget budget) {
        Bound bound = arguments.bind(name, "width", "fillchar?");
        String fill = bound.text(1, " ");
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw JinjaException.type("The fill character must be exactly one character long");
        }
        return self.with(padded(name, self.text(), bound.integer(0), fill, budget));
    }

    static String padded(String how, String text, int width, String fill, Budget budget) {
        int missing = Math.max(0, width - text.codePointCount(0, text.length()));
        budget.make(missing);
        int left =
                switch (how) {
                    case "rjust" -> missing;
                    case "center" -> missing / 2 + (missing & width & 1);
                    default -> 0;
                };
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private static Value zeroFill(StringValue self, Arguments arguments, Budget budget) {
        int missing = arguments.bind("zfill", "width").integer(0) - self.length();
        budget.make(Math.max(0, missing));
        String text = self.text();
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return self.with(text.substring(0, sign) + "0".repeat(Math.max(0, missing)) + text.substring(sign));
    }

    private static Value expandTabs(StringValue self, Arguments arguments, Budget budget) {
        int size = arguments.bind("expandtabs", "tabsize?").integer(0, 8);
        var out = new StringBuilder();
        int column = 0;
        for (int point : self.text().codePoints().toArray()) {
            if (point == '\t') {
                int spaces = size <= 0 ? 0 : size - column % size;
                budget.make(spaces);
                out.repeat(' ', spaces);
                column += spaces;
            } else {
                out.appendCodePoint(point);
                column = point == '\n' || point == '\r' ? 0 : column + 1;
            }
        }
        return self.with(out.toString());
    }

    private static Value formatMap(StringValue self, Arguments arguments, Budget budget) {
        if (!(arguments.bind("format_map", "mapping").get(0) instanceof DictValue dict)) {
            throw JinjaException.type("format_map() argument must be a mapping");
        }
        var named = new LinkedHashMap<String, Value>();
        dict.entries().forEachRemaining(entry -> named.put(Texts.str(entry.key(), budget), entry.value()));
        return BraceFormat.apply(self, new Arguments(List.of(), named), budget);
    }
}
