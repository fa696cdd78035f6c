package studio.atelier.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.Sampling;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.chat.Role;

/**
 * A request of the chat API, read and checked. What can't be done as asked is refused, never ignored.
 *
 * @param model the model's name; null for any
 * @param messages the conversation; empty for a text to continue
 * @param text a text to continue as it is; null for a conversation
 * @param stream whether the answer is sent while it is written
 * @param includeUsage whether a stream ends with the figures
 * @param oneToolCall whether the answer ends after its first tool call
 */
record ChatRequest(
        @Nullable String model,
        List<Message> messages,
        @Nullable String text,
        Optional<JsonNode> tools,
        ObjectNode variables,
        SamplingFields sampling,
        int maxTokens,
        List<String> stopTexts,
        boolean stream,
        boolean includeUsage,
        boolean oneToolCall) {
    private static final int MOST_TOKENS = 1 << 20;

    /** Fields that change what is written in ways that this server has not learned, with the values that change nothing. */
    private static final List<Unsupported> UNSUPPORTED = List.of(
            new Unsupported("n", Set.of("1"), "one answer is given to a request"),
            new Unsupported("best_of", Set.of("1"), "one answer is given to a request"),
            new Unsupported("logprobs", Set.of("false", "0"), "probabilities are not reported"),
            new Unsupported("top_logprobs", Set.of("0"), "probabilities are not reported"),
            new Unsupported("frequency_penalty", Set.of("0", "0.0"), "use presence_penalty or repetition_penalty"),
            new Unsupported("logit_bias", Set.of("{}"), "single tokens can't be favoured"),
            new Unsupported("suffix", Set.of("\"\""), "texts are continued, not filled in"),
            new Unsupported("echo", Set.of("false"), "the prompt is not repeated"),
            new Unsupported("functions", Set.of("[]"), "use tools"));

    private record Unsupported(String field, Set<String> harmless, String instead) {}

    /** A conversation: {@code POST /v1/chat/completions}. */
    static ChatRequest conversation(JsonNode json) throws ApiException {
        List<Message> messages = ChatMessages.read(json.path("messages"));
        return read(json, messages, null);
    }

    /** A text to continue: {@code POST /v1/completions}. */
    static ChatRequest continuation(JsonNode json) throws ApiException {
        JsonNode prompt = json.path("prompt");
        if (prompt.isArray() && prompt.size() == 1) {
            prompt = prompt.get(0);
        }
        if (!prompt.isTextual()) {
            throw ApiException.invalid("prompt", "prompt: expected one text, got " + kind(prompt) + ".");
        }
        return read(json, List.of(), prompt.textValue());
    }

    private static ChatRequest read(JsonNode json, List<Message> messages, @Nullable String text) throws ApiException {
        for (Unsupported each : UNSUPPORTED) {
            JsonNode value = json.path(each.field());
            if (!value.isMissingNode() && !value.isNull() && !each.harmless().contains(value.toString())) {
                throw ApiException.invalid(
                        each.field(), each.field() + " " + value + " is not supported: " + each.instead() + ".");
            }
        }
        String format = json.path("response_format").path("type").asText("text");
        if (!format.equals("text")) {
            throw ApiException.invalid(
                    "response_format",
                    "response_format \"" + format + "\" is not supported: answers can't be held to a form yet.");
        }
        Fields fields = new Fields(json);
        long older = fields.whole("max_tokens", 1, MOST_TOKENS).orElse((long) MOST_TOKENS);
        long most = fields.whole("max_completion_tokens", 1, MOST_TOKENS).orElse(older);
        return new ChatRequest(
                fields.text("model").orElse(null),
                messages,
                text,
                tools(json),
                fields.object("chat_template_kwargs"),
                SamplingFields.read(fields),
                (int) most,
                fields.texts("stop"),
                json.path("stream").asBoolean(false),
                json.path("stream_options").path("include_usage").asBoolean(false),
                !json.path("parallel_tool_calls").asBoolean(true));
    }

    private static Optional<JsonNode> tools(JsonNode json) throws ApiException {
        JsonNode tools = json.path("tools");
        String choice = json.path("tool_choice").isTextual()
                ? json.path("tool_choice").textValue()
                : json.path("tool_choice").isObject() ? "one function" : "auto";
        if (tools.isMissingNode() || tools.isNull() || tools.isEmpty() || choice.equals("none")) {
            return Optional.empty();
        }
        if (!tools.isArray()) {
            throw ApiException.invalid("tools", "tools: expected an array, got " + kind(tools) + ".");
        }
        if (!choice.equals("auto")) {
            throw ApiException.invalid(
                    "tool_choice",
                    "tool_choice \"" + choice + "\" is not supported: the model chooses; use auto or none.");
        }
        return Optional.of(tools);
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array of " + node.size();
            case BOOLEAN -> "true or false";
            case MISSING -> "nothing";
            case NULL -> "null";
            case NUMBER -> "a number";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case BINARY, POJO -> "something else";
        };
    }

    /** What the engine is asked. */
    GenerationRequest toEngine(Sampling recommended, Function<String, String> preface) throws ApiException {
        GenerationRequest.Prompt prompt = text != null
                ? new GenerationRequest.Raw(text)
                : new GenerationRequest.Conversation(withPreface(preface), tools, variables);
        return new GenerationRequest(prompt, sampling.over(recommended), maxTokens, stopTexts);
    }

    /** The messages behind what the model should know about the last question; no system message of the client's is lost. */
    private List<Message> withPreface(Function<String, String> preface) {
        String said = preface.apply(messages.getLast().content());
        if (said.isEmpty()) {
            return messages;
        }
        List<Message> all = new ArrayList<>(messages);
        Message first = all.getFirst();
        if (first.role() == Role.SYSTEM) {
            all.set(0, Message.system(first.content() + "\n\n" + said));
        } else {
            all.addFirst(Message.system(said));
        }
        return all;
    }

    /** What nothing was said about. */
    static ObjectNode none() {
        return JsonNodeFactory.instance.objectNode();
    }
}
