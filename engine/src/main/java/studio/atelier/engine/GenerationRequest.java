package studio.atelier.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.chat.Message;

/**
 * What a session is asked.
 *
 * @param prompt what the model continues
 * @param sampling how the next token is chosen
 * @param maxTokens most tokens to write, at least 1
 * @param stopTexts texts, none of them empty, before whose first occurrence in what the model writes the answer ends
 */
public record GenerationRequest(Prompt prompt, Sampling sampling, int maxTokens, List<String> stopTexts) {
    /** What the model continues. */
    public sealed interface Prompt {}

    /**
     * A conversation, rendered with the model's own chat template. A model without one is given plain paragraphs,
     * {@code User:} and {@code Assistant:} before them, and ends where it would write the next {@code User:} itself.
     *
     * @param messages in order, at least one
     * @param tools that the model may ask for, an array in the form of the chat API
     * @param variables for the template, such as {@code enable_thinking}
     */
    public record Conversation(List<Message> messages, Optional<JsonNode> tools, ObjectNode variables)
            implements Prompt {
        public Conversation {
            messages = List.copyOf(messages);
            if (messages.isEmpty()) {
                throw new IllegalArgumentException("messages: expected at least one, got none");
            }
            tools = tools.map(JsonNode::deepCopy);
            variables = variables.deepCopy();
        }

        public Conversation(List<Message> messages) {
            this(messages, Optional.empty(), JsonNodeFactory.instance.objectNode());
        }
    }

    /**
     * Text as it is, with the special tokens around it that the model's tokenizer adds; what the model writes comes back
     * unparsed, without its special tokens.
     */
    public record Raw(String text) implements Prompt {}

    public GenerationRequest {
        stopTexts = List.copyOf(stopTexts);
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens: expected at least 1, got " + maxTokens);
        }
        if (stopTexts.contains("")) {
            throw new IllegalArgumentException("stopTexts: expected no empty text, got one");
        }
    }

    /** The answer to a conversation. */
    public static GenerationRequest of(List<Message> messages, Sampling sampling, int maxTokens) {
        return new GenerationRequest(new Conversation(messages), sampling, maxTokens, List.of());
    }

    /** The continuation of a text. */
    public static GenerationRequest raw(String text, Sampling sampling, int maxTokens) {
        return new GenerationRequest(new Raw(text), sampling, maxTokens, List.of());
    }

    public GenerationRequest withStopTexts(List<String> texts) {
        return new GenerationRequest(prompt, sampling, maxTokens, texts);
    }
}
