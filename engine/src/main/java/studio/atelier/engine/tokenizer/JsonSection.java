package studio.atelier.engine.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * One value inside a JSON file together with where it stands, so that a complaint can name the file and the field.
 *
 * @param file the file's name, for messages
 * @param path the field's path from the root, as {@code decoder.decoders[2]}
 */
record JsonSection(String file, String path, JsonNode node) {

    /** The one sentence for a file that is broken at this place. */
    EngineException broken(String problem) {
        String place = path.isEmpty() ? "" : path + " ";
        return new EngineException(Reason.TOKENIZER_INVALID, file + ": " + place + problem + ".");
    }

    /** The field, unless it is absent or null. */
    Optional<JsonSection> optional(String name) {
        JsonNode child = node.get(name);
        return child == null || child.isNull()
                ? Optional.empty()
                : Optional.of(new JsonSection(file, path.isEmpty() ? name : path + "." + name, child));
    }

    JsonSection required(String name) throws EngineException {
        var child = optional(name);
        if (child.isEmpty()) {
            throw broken("lacks the field \"" + name + "\"");
        }
        return child.get();
    }

    String text() throws EngineException {
        if (!node.isTextual()) {
            throw broken("must be a string, not " + abbreviated());
        }
        return node.textValue();
    }

    /** A string of at most so many UTF-16 units. */
    String text(int maxLength) throws EngineException {
        String text = text();
        if (text.length() > maxLength) {
            throw broken("must be at most " + maxLength + " characters long, not " + text.length());
        }
        return text;
    }

    String text(String name) throws EngineException {
        return required(name).text();
    }

    /** A string that the file may leave out or leave empty, which means the same. */
    String textOrEmpty(String name) throws EngineException {
        var child = optional(name);
        return child.isPresent() ? child.get().text() : "";
    }

    boolean flag(String name, boolean otherwise) throws EngineException {
        var child = optional(name);
        if (child.isEmpty()) {
            return otherwise;
        }
        if (!child.get().node.isBoolean()) {
            throw child.get().broken("must be true or false, not " + child.get().abbreviated());
        }
        return child.get().node.booleanValue();
    }

    /** A whole number from 0 to {@code limit}. */
    int number(int limit) throws EngineException {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0 || node.intValue() > limit) {
            throw broken("must be a whole number from 0 to " + limit + ", not " + abbreviated());
        }
        return node.intValue();
    }

    /** A string of exactly one character, as its code point. */
    int character(String name) throws EngineException {
        var child = required(name);
        String text = child.text();
        if (text.isEmpty() || text.codePointCount(0, text.length()) != 1) {
            throw child.broken("must be one character, not " + child.abbreviated());
        }
        return text.codePointAt(0);
    }

    List<JsonSection> elements(String name) throws EngineException {
        var child = required(name);
        if (!child.node.isArray()) {
            throw child.broken("must be an array, not " + child.abbreviated());
        }
        return child.elements();
    }

    List<JsonSection> elements() {
        var result = new ArrayList<JsonSection>(node.size());
        for (int i = 0; i < node.size(); i++) {
            result.add(new JsonSection(file, path + "[" + i + "]", node.get(i)));
        }
        return result;
    }

    /** The fields of an object in the file's order, those that are null left out. */
    Map<String, JsonSection> fields() throws EngineException {
        if (!node.isObject()) {
            throw broken("must be an object, not " + abbreviated());
        }
        var result = new LinkedHashMap<String, JsonSection>();
        node.fieldNames().forEachRemaining(name -> optional(name).ifPresent(field -> result.put(name, field)));
        return result;
    }

    private String abbreviated() {
        String json = node.toString();
        return json.length() <= 40 ? json : json.substring(0, 40) + "…";
    }
}
