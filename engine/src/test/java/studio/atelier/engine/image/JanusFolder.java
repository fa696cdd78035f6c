package studio.atelier.engine.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import studio.atelier.engine.golden.GoldenFile;

/** The golden Janus made into a whole folder: with a tokenizer of single ASCII letters. */
final class JanusFolder {
    private static final String[] SPECIAL = {
        "<｜▁pad▁｜>",
        "<｜begin▁of▁sentence｜>",
        "<｜end▁of▁sentence｜>",
        "<begin_of_image>",
        "<end_of_image>",
        "<image_placeholder>"
    };

    private JanusFolder() {}

    static Path layOut(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(GoldenFile.path("image/janus-tiny/" + name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
        return folder;
    }

    private static String tokenizer() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        ObjectNode vocabulary = json.createObjectNode();
        int id = 0;
        for (String special : SPECIAL) {
            vocabulary.put(special, id);
            added.addObject()
                    .put("id", id++)
                    .put("content", special)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        for (char letter = '!'; letter <= '~'; letter++) {
            vocabulary.put(String.valueOf(letter), id++);
        }
        // GPT-2's letters for the space and the end of a line.
        vocabulary.put("\u0120", id++);
        vocabulary.put("\u010A", id);
        root.putNull("normalizer");
        ObjectNode bytes = json.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        root.set("pre_tokenizer", bytes);
        root.putNull("post_processor");
        root.set("decoder", bytes.deepCopy());
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.set("vocab", vocabulary);
        model.putArray("merges");
        return json.writeValueAsString(root);
    }
}
