package studio.atelier.app.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation as one file that people keep or give away, {@code .atelier-chat}: JSON with a title and messages. It is
 * read as a stranger's file: its size is bounded and what it does not say right is refused.
 *
 * @param messages with keys of 0; whoever shows them gives others
 */
public record ChatFile(String title, List<Message> messages) {
    private static final String FORMAT = "atelier-chat";
    private static final int VERSION = 1;
    private static final long MOST_BYTES = 64L << 20;
    private static final int LONGEST_TITLE = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    public ChatFile {
        messages = List.copyOf(messages);
    }

    /**
     * Writes it; a file of this name is replaced when the new one is whole.
     *
     * @throws IOException when the folder can't be written
     */
    public void write(Path file) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put("format", FORMAT).put("version", VERSION).put("title", title);
        ArrayNode said = node.putArray("messages");
        for (Message message : messages) {
            ObjectNode one = said.addObject()
                    .put("author", message.author() == Message.Author.PERSON ? "person" : "model")
                    .put("text", message.text());
            if (!message.reasoning().isEmpty()) {
                one.put("reasoning", message.reasoning());
            }
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), node);
        Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Reads one.
     *
     * @throws IOException with one sentence when it is none, too large or of a newer program
     */
    public static ChatFile read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_BYTES) {
            throw new IOException(
                    file.getFileName() + " has " + bytes + " bytes; a chat has at most " + MOST_BYTES + ".");
        }
        JsonNode node;
        try {
            node = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IOException(file.getFileName() + " is no chat that Atelier exported.", e);
        }
        if (node == null || !node.path("format").asText().equals(FORMAT)) {
            throw new IOException(file.getFileName() + " is no chat that Atelier exported.");
        }
        if (node.path("version").asInt() > VERSION) {
            throw new IOException(file.getFileName() + " was exported by a newer Atelier (version "
                    + node.path("version").asInt() + ", this one knows " + VERSION + "); update this one.");
        }
        String title = node.path("title").asText().strip();
        List<Message> messages = new ArrayList<>();
        for (JsonNode one : node.path("messages")) {
            messages.add(message(file, one));
        }
        return new ChatFile(title.length() > LONGEST_TITLE ? title.substring(0, LONGEST_TITLE) : title, messages);
    }

    private static Message message(Path file, JsonNode node) throws IOException {
        String text = node.path("text").asText();
        return switch (node.path("author").asText()) {
            case "person" -> Message.fromPerson(0, text);
            case "model" ->
                Message.begun(0)
                        .written(text, node.path("reasoning").asText())
                        .ended(Message.End.COMPLETE, java.util.Optional.empty());
            case String other ->
                throw new IOException(file.getFileName() + " holds a message of \"" + other
                        + "\"; expected \"person\" or \"model\".");
        };
    }
}
