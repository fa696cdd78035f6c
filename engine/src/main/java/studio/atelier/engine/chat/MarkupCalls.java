package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Tool calls whose arguments stand in tags of their own. The tags don't say what is a text and what a number: a value
 * that is JSON counts as that, any other as a text.
 */
final class MarkupCalls {
    private MarkupCalls() {}

    /** {@code name"><parameter name="key">value</parameter>}. */
    static List<ToolCall> invoke(String body) {
        int quote = body.indexOf('"');
        if (quote < 0) {
            return List.of();
        }
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        int at = quote;
        for (int open = body.indexOf("parameter name=\"", at);
                open >= 0;
                open = body.indexOf("parameter name=\"", at)) {
            int key = open + "parameter name=\"".length();
            int keyEnd = body.indexOf('"', key);
            int value = keyEnd < 0 ? -1 : body.indexOf('>', keyEnd);
            int close = value < 0 ? -1 : closing(body, value);
            if (close < 0) {
                return List.of();
            }
            boolean text = body.substring(keyEnd, value).contains("string=\"true\"");
            put(arguments, body.substring(key, keyEnd), body.substring(value + 1, close), text);
            at = body.indexOf('>', close) + 1;
            if (at == 0) {
                break;
            }
        }
        return call(body.substring(0, quote), arguments);
    }

    private static int closing(String body, int from) {
        int plain = body.indexOf("</parameter>", from);
        return plain >= 0 ? plain : body.indexOf("</｜DSML｜parameter>", from);
    }

    /** {@code name><parameter=key>value</parameter></function>} or {@code name>{...}}. */
    static List<ToolCall> function(String body) {
        int nameEnd = body.indexOf('>');
        if (nameEnd < 0) {
            return List.of();
        }
        String name = body.substring(0, nameEnd);
        int end = body.lastIndexOf("</function>");
        String inside =
                body.substring(nameEnd + 1, end < nameEnd ? body.length() : end).strip();
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        if (inside.startsWith("{")) {
            ObjectNode object = ArgumentForms.object(inside);
            return object == null ? List.of() : call(name, object);
        }
        int at = 0;
        for (int open = inside.indexOf("<parameter="); open >= 0; open = inside.indexOf("<parameter=", at)) {
            int keyEnd = inside.indexOf('>', open);
            if (keyEnd < 0) {
                return List.of();
            }
            int close = inside.indexOf("</parameter>", keyEnd);
            int next = inside.indexOf("<parameter=", keyEnd);
            // Models forget to close a parameter before the next one.
            int valueEnd = close >= 0 && (next < 0 || close < next) ? close : next >= 0 ? next : inside.length();
            put(
                    arguments,
                    inside.substring(open + "<parameter=".length(), keyEnd),
                    inside.substring(keyEnd + 1, valueEnd),
                    false);
            at = valueEnd;
        }
        return call(name, arguments);
    }

    /** {@code name<arg_key>key</arg_key><arg_value>value</arg_value>}. */
    static List<ToolCall> keyed(String body) {
        int first = body.indexOf("<arg_key>");
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        for (int open = first; open >= 0; open = body.indexOf("<arg_key>", open + 1)) {
            int keyEnd = body.indexOf("</arg_key>", open);
            int value = keyEnd < 0 ? -1 : body.indexOf("<arg_value>", keyEnd);
            int valueEnd = value < 0 ? -1 : body.indexOf("</arg_value>", value);
            if (valueEnd < 0) {
                return List.of();
            }
            put(
                    arguments,
                    body.substring(open + "<arg_key>".length(), keyEnd).strip(),
                    body.substring(value + "<arg_value>".length(), valueEnd),
                    false);
            open = valueEnd;
        }
        return call(first < 0 ? body : body.substring(0, first), arguments);
    }

    private static void put(ObjectNode arguments, String key, String value, boolean text) {
        String trimmed = withoutOuterBreaks(value);
        JsonNode json = text ? null : ArgumentForms.read(trimmed.strip());
        arguments.set(key, json == null || json.isTextual() ? JsonNodeFactory.instance.textNode(trimmed) : json);
    }

    /** The line breaks next to the tags belong to them. */
    private static String withoutOuterBreaks(String value) {
        int from = value.startsWith("\n") ? 1 : 0;
        int to = value.endsWith("\n") && value.length() > from ? value.length() - 1 : value.length();
        return value.substring(from, to);
    }

    private static List<ToolCall> call(String name, ObjectNode arguments) {
        String trimmed = name.strip();
        boolean readable = !trimmed.isEmpty() && trimmed.chars().noneMatch(c -> c == '\n' || c == '<' || c == '{');
        return readable ? List.of(new ToolCall(null, trimmed, ArgumentForms.text(arguments))) : List.of();
    }
}
