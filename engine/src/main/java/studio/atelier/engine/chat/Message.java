package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of a conversation.
 *
 * @param content what was said; empty when an assistant only calls tools
 * @param reasoning what an assistant thought before it answered, if that is known
 * @param toolCalls the tools that an assistant asks for
 * @param toolCallId which call a tool's message answers
 * @param toolName which tool a tool's message comes from
 */
public record Message(
        Role role,
        String content,
        @Nullable String reasoning,
        List<ToolCall> toolCalls,
        @Nullable String toolCallId,
        @Nullable String toolName) {

    public Message {
        toolCalls = List.copyOf(toolCalls);
    }

    public static Message system(String content) {
        return new Message(Role.SYSTEM, content, null, List.of(), null, null);
    }

    public static Message user(String content) {
        return new Message(Role.USER, content, null, List.of(), null, null);
    }

    public static Message assistant(String content) {
        return new Message(Role.ASSISTANT, content, null, List.of(), null, null);
    }

    /** The result of a tool that an assistant had called. */
    public static Message tool(String content, @Nullable String toolCallId, @Nullable String toolName) {
        return new Message(Role.TOOL, content, null, List.of(), toolCallId, toolName);
    }

    /** The message as the chat API and templates know it; arguments of tool calls become objects where they are JSON. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("role", role.spelled());
        json.put("content", content);
        if (reasoning != null) {
            json.put("reasoning_content", reasoning);
        }
        if (!toolCalls.isEmpty()) {
            ArrayNode calls = json.putArray("tool_calls");
            toolCalls.forEach(call -> calls.add(call.toJson()));
        }
        if (toolCallId != null) {
            json.put("tool_call_id", toolCallId);
        }
        if (toolName != null) {
            json.put("name", toolName);
        }
        return json;
    }
}
