package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A tool that the model asks for.
 *
 * @param id what the tool's result refers to; null when the model named none
 * @param name the tool's name
 * @param arguments the arguments as JSON text, normally an object
 */
public record ToolCall(@Nullable String id, String name, String arguments) implements Piece {

    /** The call as the chat API and templates know it, its arguments as an object where the text is one. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (id != null) {
            json.put("id", id);
        }
        json.put("type", "function");
        JsonNode object = ArgumentForms.object(arguments);
        ObjectNode function = json.putObject("function").put("name", name);
        function.set("arguments", object == null ? JsonNodeFactory.instance.textNode(arguments) : object);
        return json;
    }
}
