package studio.atelier.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.Statistics;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.chat.Role;
import studio.atelier.engine.chat.ToolCall;

/** What has been written of one answer, and its JSON: whole, or the piece that an event adds. */
final class Reply {
    private final String id;
    private final long createdSeconds;
    private final String model;
    private final boolean conversation;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final List<ToolCall> calls = new ArrayList<>();

    /** @param conversation whether it answers a conversation, or continues a text */
    Reply(String model, boolean conversation, long createdSeconds) {
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        this.id = (conversation ? "chatcmpl-" : "cmpl-") + HexFormat.of().formatHex(random);
        this.model = model;
        this.conversation = conversation;
        this.createdSeconds = createdSeconds;
    }

    void add(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.Text(String piece) -> text.append(piece);
            case GenerationEvent.Reasoning(String piece) -> reasoning.append(piece);
            case GenerationEvent.ToolCall(String name, String arguments) ->
                calls.add(new ToolCall("call_" + id.substring(id.indexOf('-') + 1) + calls.size(), name, arguments));
            case GenerationEvent.Reading _,
                    GenerationEvent.Written _,
                    GenerationEvent.Finished _,
                    GenerationEvent.Failed _ -> {}
        }
    }

    /** The messages that the session now knows. */
    List<Message> heard(List<Message> asked) {
        List<Message> heard = new ArrayList<>(asked);
        String thought = reasoning.isEmpty() ? null : reasoning.toString();
        heard.add(new Message(Role.ASSISTANT, text.toString(), thought, calls, null, null));
        return heard;
    }

    boolean hasCalls() {
        return !calls.isEmpty();
    }

    private ObjectNode frame(boolean piece) {
        String object = conversation ? "chat.completion" + (piece ? ".chunk" : "") : "text_completion";
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdSeconds)
                .put("model", model);
    }

    /** The answer in one piece. */
    ObjectNode whole(FinishReason reason, Statistics statistics) {
        ObjectNode json = frame(false);
        ObjectNode choice = json.putArray("choices").addObject().put("index", 0);
        if (conversation) {
            ObjectNode message = choice.putObject("message").put("role", "assistant");
            message.put("content", text.isEmpty() && hasCalls() ? null : text.toString());
            if (!reasoning.isEmpty()) {
                message.put("reasoning_content", reasoning.toString());
            }
            if (hasCalls()) {
                var list = message.putArray("tool_calls");
                calls.forEach(call -> list.add(call(call)));
            }
        } else {
            choice.put("text", text.toString());
        }
        choice.putNull("logprobs");
        choice.put("finish_reason", spelled(reason));
        json.set("usage", usage(statistics));
        return json;
    }

    /** The first piece of a stream, which names the speaker. */
    ObjectNode opening() {
        ObjectNode json = frame(true);
        delta(json).put("role", "assistant").put("content", "");
        return json;
    }

    /** The piece of a stream that a text, a thought or a tool call is; call it after {@link #add}. */
    ObjectNode piece(GenerationEvent event) {
        ObjectNode json = frame(true);
        switch (event) {
            case GenerationEvent.Text(String written) -> {
                if (conversation) {
                    delta(json).put("content", written);
                } else {
                    choice(json).put("text", written);
                }
            }
            case GenerationEvent.Reasoning(String thought) -> delta(json).put("reasoning_content", thought);
            case GenerationEvent.ToolCall _ -> {
                ObjectNode call = call(calls.getLast());
                call.put("index", calls.size() - 1);
                delta(json).putArray("tool_calls").add(call);
            }
            case GenerationEvent.Reading _,
                    GenerationEvent.Written _,
                    GenerationEvent.Finished _,
                    GenerationEvent.Failed _ ->
                throw new IllegalArgumentException("event: expected a piece of the answer, got " + event);
        }
        return json;
    }

    /** The last piece of a stream that has a choice. */
    ObjectNode closing(FinishReason reason) {
        ObjectNode json = frame(true);
        ObjectNode choice = choice(json);
        if (conversation) {
            choice.putObject("delta");
        } else {
            choice.put("text", "");
        }
        choice.put("finish_reason", spelled(reason));
        return json;
    }

    /** The figures, as a piece without a choice. */
    ObjectNode figures(Statistics statistics) {
        ObjectNode json = frame(true);
        json.putArray("choices");
        json.set("usage", usage(statistics));
        return json;
    }

    private static ObjectNode choice(ObjectNode json) {
        return json.putArray("choices").addObject().put("index", 0).putNull("finish_reason");
    }

    private static ObjectNode delta(ObjectNode json) {
        return choice(json).putObject("delta");
    }

    private static ObjectNode call(ToolCall call) {
        ObjectNode json =
                JsonNodeFactory.instance.objectNode().put("id", call.id()).put("type", "function");
        json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        return json;
    }

    private String spelled(FinishReason reason) {
        return switch (reason) {
            case STOP, CANCELLED -> hasCalls() ? "tool_calls" : "stop";
            case MAX_TOKENS, CONTEXT_FULL -> "length";
        };
    }

    private static ObjectNode usage(Statistics statistics) {
        ObjectNode usage = JsonNodeFactory.instance
                .objectNode()
                .put("prompt_tokens", statistics.promptTokens())
                .put("completion_tokens", statistics.generatedTokens())
                .put("total_tokens", statistics.promptTokens() + statistics.generatedTokens());
        usage.putObject("prompt_tokens_details").put("cached_tokens", statistics.reusedTokens());
        usage.putObject("completion_tokens_details")
                .put("accepted_prediction_tokens", statistics.acceptedTokens())
                .put("rejected_prediction_tokens", statistics.draftedTokens() - statistics.acceptedTokens());
        return usage;
    }
}
