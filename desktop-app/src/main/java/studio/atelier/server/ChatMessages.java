package studio.atelier.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.chat.Role;
import studio.atelier.engine.chat.ToolCall;

/** The messages of a request. */
final class ChatMessages {
    private ChatMessages() {}

    static List<Message> read(JsonNode json) throws ApiException {
        if (!json.isArray() || json.isEmpty()) {
            throw ApiException.invalid(
                    "messages", "messages: expected at least one message, got " + ChatRequest.kind(json) + ".");
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode each : json) {
            messages.add(message(each, "messages[" + messages.size() + "]"));
        }
        return messages;
    }

    private static Message message(JsonNode json, String place) throws ApiException {
        Role role = role(json.path("role"), place);
        return new Message(
                role,
                content(json.path("content"), place),
                textOrNull(json.path("reasoning_content")),
                toolCalls(json.path("tool_calls"), place),
                textOrNull(json.path("tool_call_id")),
                role == Role.TOOL ? textOrNull(json.path("name")) : null);
    }

    private static Role role(JsonNode json, String place) throws ApiException {
        return switch (json.asText("")) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "tool" -> Role.TOOL;
            default ->
                throw ApiException.invalid(
                        place + ".role", place + ".role: expected system, user, assistant or tool, got " + json + ".");
        };
    }

    /** A text, or parts that are all texts. */
    private static String content(JsonNode json, String place) throws ApiException {
        if (json.isTextual()) {
            return json.textValue();
        }
        if (json.isNull() || json.isMissingNode()) {
            return "";
        }
        if (!json.isArray()) {
            throw ApiException.invalid(
                    place + ".content",
                    place + ".content: expected a text or parts, got " + ChatRequest.kind(json) + ".");
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : json) {
            String type = part.path("type").asText("");
            if (!type.equals("text") || !part.path("text").isTextual()) {
                throw ApiException.invalid(
                        place + ".content",
                        place + ".content: only parts of type text are read here, got \"" + type + "\".");
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }

    private static List<ToolCall> toolCalls(JsonNode json, String place) throws ApiException {
        List<ToolCall> calls = new ArrayList<>();
        for (JsonNode each : json) {
            JsonNode function = each.path("function");
            if (!function.path("name").isTextual()) {
                throw ApiException.invalid(
                        place + ".tool_calls", place + ".tool_calls: expected a function with a name, got none.");
            }
            calls.add(new ToolCall(
                    textOrNull(each.path("id")),
                    function.path("name").textValue(),
                    function.path("arguments").asText("{}")));
        }
        return calls;
    }

    private static @Nullable String textOrNull(JsonNode json) {
        return json.isTextual() ? json.textValue() : null;
    }
}
