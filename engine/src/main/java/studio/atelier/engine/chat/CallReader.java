package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the tool calls inside a block. What cannot be read gives an empty list, and the block stays text. */
final class CallReader {
    private static final Pattern DOTTED_CALL =
            Pattern.compile("([A-Za-z_][A-Za-z0-9_]*+)\\.call\\((.*)\\)", Pattern.DOTALL);
    private static final Pattern NAMED_ARGUMENT =
            Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_]*+)\\s*=\\s*(\"(?:[^\"\\\\]|\\\\.)*+\"|[^,\"\\s]++)\\s*,?");

    private CallReader() {}

    static List<ToolCall> read(CallSyntax syntax, String inside) {
        String body = inside.strip();
        return switch (syntax) {
            case JSON -> json(body);
            case DEEPSEEK -> deepSeek(body);
            case KIMI -> kimi(body);
            case INVOKE -> MarkupCalls.invoke(body);
            case FUNCTION -> MarkupCalls.function(body);
            case TAGGED -> tagged(body);
            case MISTRAL -> mistral(body);
            case PYTHON_TAG -> pythonTag(body);
        };
    }

    /** Calls spelled as JSON: one, a list, or several parted by semicolons. */
    static List<ToolCall> json(String body) {
        JsonNode json = ArgumentForms.read(body);
        var calls = new ArrayList<ToolCall>();
        if (json == null) {
            for (String part : body.split(";\\s*(?=\\{)")) {
                JsonNode one = ArgumentForms.read(part);
                if (one == null || !add(one, calls)) {
                    return List.of();
                }
            }
            return calls;
        }
        if (!json.isArray()) {
            return add(json, calls) ? calls : List.of();
        }
        for (JsonNode one : json) {
            if (!add(one, calls)) {
                return List.of();
            }
        }
        return calls;
    }

    private static boolean add(JsonNode json, List<ToolCall> calls) {
        JsonNode call = json.path("function").isObject() ? json.get("function") : json;
        JsonNode name = first(call, "name", "tool_name", "function");
        if (name == null || !name.isTextual()) {
            return false;
        }
        JsonNode arguments = first(call, "arguments", "parameters", "args");
        JsonNode id = first(json, "id", "tool_call_id");
        calls.add(new ToolCall(
                id == null || !id.isValueNode() ? null : id.asText(), name.textValue(), arguments(arguments)));
        return true;
    }

    private static @Nullable JsonNode first(JsonNode object, String... names) {
        for (String name : names) {
            if (object.hasNonNull(name)) {
                return object.get(name);
            }
        }
        return null;
    }

    private static String arguments(@Nullable JsonNode arguments) {
        if (arguments == null) {
            return "{}";
        }
        return arguments.isTextual() ? arguments.textValue() : ArgumentForms.text(arguments);
    }

    private static List<ToolCall> call(@Nullable String id, String name, String arguments) {
        String text = arguments.strip();
        boolean readable = !name.isBlank() && (text.isEmpty() || ArgumentForms.object(text) != null);
        return readable ? List.of(new ToolCall(id, name.strip(), text.isEmpty() ? "{}" : text)) : List.of();
    }

    private static List<ToolCall> deepSeek(String body) {
        int separator = body.indexOf("<｜tool▁sep｜>");
        if (separator < 0) {
            return List.of();
        }
        String before = body.substring(0, separator).strip();
        String after = body.substring(separator + "<｜tool▁sep｜>".length()).strip();
        int fence = after.indexOf("```");
        if (fence < 0) {
            return call(null, before, after);
        }
        int end = after.lastIndexOf("```");
        String fenced = end > fence ? after.substring(fence + 3, end) : after.substring(fence + 3);
        return call(null, after.substring(0, fence), fenced.startsWith("json") ? fenced.substring(4) : fenced);
    }

    private static List<ToolCall> kimi(String body) {
        int separator = body.indexOf("<|tool_call_argument_begin|>");
        if (separator < 0) {
            return List.of();
        }
        String id = body.substring(0, separator).strip();
        String name = id.startsWith("functions.") ? id.substring("functions.".length()) : id;
        int number = name.lastIndexOf(':');
        return call(
                id,
                number < 0 ? name : name.substring(0, number),
                body.substring(separator + "<|tool_call_argument_begin|>".length()));
    }

    private static List<ToolCall> tagged(String body) {
        if (body.startsWith("{") || body.startsWith("[")) {
            return json(body);
        }
        return body.startsWith("<function=")
                ? MarkupCalls.function(body.substring("<function=".length()))
                : MarkupCalls.keyed(body);
    }

    private static List<ToolCall> mistral(String body) {
        if (body.startsWith("[") || body.startsWith("{")) {
            return json(body);
        }
        var calls = new ArrayList<ToolCall>();
        for (String one : body.split("\\[TOOL_CALLS\\]")) {
            int separator = one.indexOf("[ARGS]");
            int brace = separator < 0 ? one.indexOf('{') : separator;
            if (brace < 0) {
                return List.of();
            }
            String[] name = one.substring(0, brace).split("\\[CALL_ID\\]", 2);
            List<ToolCall> read = call(
                    name.length > 1 ? name[1] : null,
                    name[0],
                    one.substring(separator < 0 ? brace : separator + "[ARGS]".length()));
            if (read.isEmpty()) {
                return List.of();
            }
            calls.addAll(read);
        }
        return calls;
    }

    private static List<ToolCall> pythonTag(String body) {
        if (body.startsWith("{") || body.startsWith("[")) {
            List<ToolCall> calls = json(body);
            if (!calls.isEmpty()) {
                return calls;
            }
        }
        if (body.isEmpty()) {
            return List.of();
        }
        Matcher dotted = DOTTED_CALL.matcher(body);
        ObjectNode arguments = JsonNodeFactory.instance.objectNode();
        if (dotted.matches() && readNamed(dotted.group(2), arguments)) {
            return List.of(new ToolCall(null, dotted.group(1), ArgumentForms.text(arguments)));
        }
        arguments.removeAll();
        arguments.put("code", body);
        return List.of(new ToolCall(null, "code_interpreter", ArgumentForms.text(arguments)));
    }

    private static boolean readNamed(String text, ObjectNode into) {
        Matcher argument = NAMED_ARGUMENT.matcher(text);
        int at = 0;
        while (at < text.length() && argument.region(at, text.length()).lookingAt()) {
            JsonNode value = ArgumentForms.read(argument.group(2));
            into.set(argument.group(1), value == null ? JsonNodeFactory.instance.textNode(argument.group(2)) : value);
            at = argument.end();
        }
        return text.substring(at).isBlank();
    }
}
