package studio.atelier.engine.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's {@code str.format}: {@code {name.attribute[key]!r:spec}}. */
final class BraceFormat {
    private final String format;
    private final Arguments arguments;
    private final Budget budget;
    private final boolean markup;
    private int position;
    private int automatic;

    private BraceFormat(StringValue format, Arguments arguments, Budget budget) {
        this.format = format.text();
        this.markup = format.markup();
        this.arguments = arguments;
        this.budget = budget;
    }

    static Value apply(StringValue format, Arguments arguments, Budget budget) {
        return format.with(new BraceFormat(format, arguments, budget).run(0, false));
    }

    /** Reads up to the end, or inside a specifier up to its closing brace, which is left. */
    private String run(int depth, boolean specifier) {
        if (depth > 2) {
            throw JinjaException.value("Max string recursion exceeded");
        }
        var out = new StringBuilder();
        while (position < format.length()) {
            char c = format.charAt(position);
            boolean doubled = position + 1 < format.length() && format.charAt(position + 1) == c;
            if (c == '}' && specifier) {
                return out.toString();
            }
            position++;
            if (c == '{' && !(doubled && !specifier)) {
                budget.output(out, field(depth));
            } else if (c == '{' || c == '}') {
                if (!doubled) {
                    throw JinjaException.value("Single '}' encountered in format string");
                }
                position++;
                out.append(c);
            } else {
                out.append(c);
            }
        }
        if (specifier) {
            throw JinjaException.value("expected '}' before end of string");
        }
        return out.toString();
    }

    private String field(int depth) {
        int start = position;
        boolean bracket = false;
        while (position < format.length()) {
            char c = format.charAt(position);
            if (c == '[' || c == ']') {
                bracket = c == '[';
            } else if (!bracket && (c == '}' || c == ':' || c == '!')) {
                break;
            } else if (c == '{') {
                throw JinjaException.value("unexpected '{' in field name");
            }
            position++;
        }
        String name = format.substring(start, position);
        char conversion = ' ';
        if (peek() == '!') {
            conversion = position + 1 < format.length() ? format.charAt(position + 1) : ' ';
            position += 2;
        }
        Value value = value(name);
        String spec = "";
        if (peek() == ':') {
            position++;
            spec = run(depth + 1, true);
        }
        if (peek() != '}') {
            throw JinjaException.value(
                    position < format.length()
                            ? "expected ':' after conversion specifier"
                            : "expected '}' before end of string");
        }
        position++;
        String text = FormatSpec.format(converted(value, conversion), spec, budget);
        boolean safe = value instanceof StringValue string && string.markup() && conversion == ' ';
        return markup && !safe ? Html.escape(text) : text;
    }

    private char peek() {
        return position < format.length() ? format.charAt(position) : '\0';
    }

    private Value converted(Value value, char conversion) {
        return switch (conversion) {
            case ' ' -> value;
            case 's' -> StringValue.of(Texts.str(value, budget));
            case 'r', 'a' -> StringValue.of(Texts.repr(value, budget));
            default -> throw JinjaException.value("Unknown conversion specifier " + conversion);
        };
    }

    private Value value(String name) {
        int end = 0;
        while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
            end++;
        }
        Value value = argument(name.substring(0, end));
        while (end < name.length()) {
            if (name.charAt(end) == '.') {
                int from = end + 1;
                end = from;
                while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
                    end++;
                }
                value = Subscripts.attribute(value, name.substring(from, end));
            } else {
                int close = name.indexOf(']', end);
                if (close < 0) {
                    throw JinjaException.value("Missing ']' in format string");
                }
                value = Subscripts.item(value, key(name.substring(end + 1, close)), budget);
                end = close + 1;
            }
        }
        return value;
    }

    private static Value key(String key) {
        Integer index = index(key);
        return index == null ? StringValue.of(key) : IntegerValue.of(index);
    }

    private static @Nullable Integer index(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.valueOf(text) : null;
    }

    private Value argument(String name) {
        Integer index = name.isEmpty() ? Integer.valueOf(automatic++) : index(name);
        if (index == null) {
            Value value = arguments.named().get(name);
            if (value == null) {
                throw new JinjaException(JinjaException.Fault.LOOKUP, Texts.quoted(name));
            }
            return value;
        }
        List<Value> positional = arguments.positional();
        if (index >= positional.size()) {
            throw new JinjaException(
                    JinjaException.Fault.LOOKUP,
                    "Replacement index " + index + " out of range for positional args tuple");
        }
        return positional.get(index);
    }
}
