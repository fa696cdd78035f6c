package studio.atelier.app.script;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The golden Janus with a tokenizer of single letters: a real model of pictures that means nothing by what it draws. */
public final class TinyJanus {
    private TinyJanus() {}

    /** Lays it out in a folder. */
    public static Path layOut(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(TinyFolder.GOLDEN.resolve("image/janus-tiny").resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
        return folder;
    }

    private static String tokenizer() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        ObjectNode vocabulary = json.createObjectNode();
        for (String name : List.of(
                "<｜▁pad▁｜>",
                "<｜begin▁of▁sentence｜>",
                "<｜end▁of▁sentence｜>",
                "<begin_of_image>",
                "<end_of_image>",
                "<image_placeholder>")) {
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
