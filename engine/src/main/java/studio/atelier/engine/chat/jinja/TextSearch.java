package studio.atelier.engine.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finding, counting, replacing and joining texts; places are counted in code points. */
final class TextSearch {
    private TextSearch() {}

    /** The part of a text between the second and third argument of a method; null when it begins behind its end. */
    static @Nullable String part(StringValue self, Bound bound) {
        int length = self.length();
        int start = place(bound.integer(1, 0), length);
        int end = Math.min(length, place(bound.integer(2, Integer.MAX_VALUE), length));
        if (start > end) {
            return null;
        }
        String text = self.text();
        int from = text.offsetByCodePoints(0, start);
        return text.substring(from, text.offsetByCodePoints(from, end - start));
    }

    private static int place(int index, int length) {
        return index < 0 ? Math.max(0, index + length) : index;
    }

    static Value find(String name, StringValue self, Arguments arguments) {
        Bound bound = arguments.bind(name, "sub", "start?", "end?");
        String part = part(self, bound);
        int at = part == null
                ? -1
                : name.startsWith("r") ? part.lastIndexOf(bound.text(0)) : part.indexOf(bound.text(0));
        if (part == null || at < 0) {
            if (name.endsWith("index")) {
                throw JinjaException.value("substring not found");
            }
            return IntegerValue.of(-1);
        }
        return IntegerValue.of(place(bound.integer(1, 0), self.length()) + (long) part.codePointCount(0, at));
    }

    static Value count(StringValue self, Arguments arguments) {
        Bound bound = arguments.bind("count", "sub", "start?", "end?");
        String part = part(self, bound);
        String sub = bound.text(0);
        if (part == null) {
            return IntegerValue.of(0);
        }
        if (sub.isEmpty()) {
            return IntegerValue.of(part.codePointCount(0, part.length()) + 1L);
        }
        long count = 0;
        for (int at = part.indexOf(sub); at >= 0; at = part.indexOf(sub, at + sub.length())) {
            count++;
        }
        return IntegerValue.of(count);
    }

    /** @param count at most so many, from the left; negative for all */
    static String replace(String text, String from, String to, int count, Budget budget) {
        var out = new StringBuilder();
        int most = count < 0 ? Integer.MAX_VALUE : count;
        int done = 0;
        int position = 0;
        if (from.isEmpty()) {
            while (done < most && position <= text.length()) {
                budget.output(out, to);
                done++;
                if (position == text.length()) {
                    return out.toString();
                }
                int next = text.offsetByCodePoints(position, 1);
                out.append(text, position, next);
                position = next;
            }
        } else {
            for (int at = text.indexOf(from); at >= 0 && done < most; at = text.indexOf(from, position)) {
                budget.output(out, text.substring(position, at));
                budget.output(out, to);
                position = at + from.length();
                done++;
            }
        }
        budget.output(out, text.substring(position));
        return out.toString();
    }

    static String join(String separator, List<String> pieces, Budget budget) {
        var out = new StringBuilder();
        boolean first = true;
        for (String piece : pieces) {
            if (!first) {
                budget.output(out, separator);
            }
            first = false;
            budget.output(out, piece);
        }
        return out.toString();
    }
}
