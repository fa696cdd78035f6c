package studio.atelier.app.script;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Makes tokenizers for golden models, which come without. */
final class LetterTokenizer {
    private LetterTokenizer() {}

    /** A tokenizer of these special tokens and of single ASCII letters. */
    static String json(String... special) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        ObjectNode vocabulary = json.createObjectNode();
        for (String name : special) {
            added.addObject()
                    .put("id", vocabulary.size())
                    .put("content", name)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
            vocabulary.put(name, vocabulary.size());
        }
        for (char letter = '!'; letter <= '~'; letter++) {
            vocabulary.put(String.valueOf(letter), vocabulary.size());
        }
        vocabulary.put("\u0120", vocabulary.size());
        vocabulary.put("\u010A", vocabulary.size());
        ObjectNode bytes = json.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        root.set("pre_tokenizer", bytes);
        root.set("decoder", bytes.deepCopy());
        ObjectNode bpe = root.putObject("model").put("type", "BPE");
        bpe.set("vocab", vocabulary);
        bpe.putArray("merges");
        return json.writeValueAsString(root);
    }
}
