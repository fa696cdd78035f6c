package studio.atelier.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The fields of a JSON object, each read as what it must be; null is the same as not being there. */
record Fields(JsonNode json) {
    private Optional<JsonNode> field(String name) {
        JsonNode value = json.path(name);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    Optional<String> text(String name) throws ApiException {
        Optional<JsonNode> value = field(name);
        if (value.isPresent() && !value.get().isTextual()) {
            throw unexpected(name, "a text", value.get());
        }
        return value.map(JsonNode::textValue);
    }

    /** One text or several. */
    List<String> texts(String name) throws ApiException {
        List<String> texts = new ArrayList<>();
        JsonNode value = json.path(name);
        if (value.isTextual()) {
            texts.add(value.textValue());
        } else if (value.isArray()) {
            for (JsonNode each : value) {
                if (!each.isTextual()) {
                    throw unexpected(name, "texts", each);
                }
                texts.add(each.textValue());
            }
        } else if (!value.isMissingNode() && !value.isNull()) {
            throw unexpected(name, "a text or texts", value);
        }
        if (texts.contains("")) {
            throw ApiException.invalid(name, name + ": expected no empty text, got one.");
        }
        return texts;
    }

    Optional<Double> number(String name) throws ApiException {
        Optional<JsonNode> value = field(name);
        if (value.isPresent() && !value.get().isNumber()) {
            throw unexpected(name, "a number", value.get());
        }
        return value.map(JsonNode::doubleValue);
    }

    Optional<Long> whole(String name, long least, long most) throws ApiException {
        Optional<JsonNode> value = field(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        JsonNode number = value.get();
        if (!number.isIntegralNumber()
                || !number.canConvertToLong()
                || number.longValue() < least
                || number.longValue() > most) {
            throw ApiException.invalid(
                    name, name + ": expected a whole number from " + least + " to " + most + ", got " + number + ".");
        }
        return Optional.of(number.longValue());
    }

    ObjectNode object(String name) throws ApiException {
        Optional<JsonNode> value = field(name);
        if (value.isEmpty()) {
            return ChatRequest.none();
        }
        if (value.get() instanceof ObjectNode object) {
            return object;
        }
        throw unexpected(name, "an object", value.get());
    }

    private static ApiException unexpected(String name, String expected, JsonNode got) {
        return ApiException.invalid(name, name + ": expected " + expected + ", got " + ChatRequest.kind(got) + ".");
    }
}
