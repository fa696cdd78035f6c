package studio.atelier.engine.chat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The two forms in which the arguments of tool calls go around: a JSON object, or that object as text. */
final class ArgumentForms {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Spaces after commas and colons, as Python writes JSON. */
    private static final ObjectWriter WRITER = MAPPER.writer(new MinimalPrettyPrinter("") {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator out) throws IOException {
            out.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator out) throws IOException {
            out.writeRaw(", ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator out) throws IOException {
            out.writeRaw(", ");
        }
    });

    private ArgumentForms() {}

    /** The object that a text spells; null when it spells none. */
    static @Nullable ObjectNode object(String text) {
        return read(text) instanceof ObjectNode object ? object : null;
    }

    /** The JSON that a text spells, of any kind; null when it spells none. */
    static @Nullable JsonNode read(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            return node == null || node.isMissingNode() ? null : node;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** JSON as Python writes it, a space after each comma and colon. */
    static String text(JsonNode json) {
        try {
            return WRITER.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("json: expected what can be written, got " + json, e);
        }
    }

    /** The messages with every tool call's arguments in the other form; null when there are none to turn. */
    static @Nullable JsonNode turned(JsonNode messages) {
        JsonNode copy = messages.deepCopy();
        boolean turned = false;
        for (JsonNode message : copy) {
            for (JsonNode call : message.path("tool_calls")) {
                if (call.path("function") instanceof ObjectNode function && function.has("arguments")) {
                    JsonNode arguments = function.get("arguments");
                    JsonNode other = arguments.isTextual()
                            ? object(arguments.textValue())
                            : JsonNodeFactory.instance.textNode(text(arguments));
                    if (other != null) {
                        function.set("arguments", other);
                        turned = true;
                    }
                }
            }
        }
        return turned ? copy : null;
    }
}
