package studio.atelier.engine.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** A tokenizer of single ASCII letters behind some special tokens. */
final class LetterTokenizer {
    private LetterTokenizer() {}

    static String json(String... special) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        ObjectNode vocabulary = json.createObjectNode();
        int id = 0;
        for (String name : special) {
            vocabulary.put(name, id);
            added.addObject()
                    .put("id", id++)
                    .put("content", name)
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
