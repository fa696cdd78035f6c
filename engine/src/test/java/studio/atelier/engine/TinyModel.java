package studio.atelier.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import studio.atelier.engine.golden.GoldenFile;

/** A golden model made into a whole folder: with a tokenizer of single bytes and a chat template. */
public final class TinyModel {
    static final String TEMPLATE = """
            {%- for message in messages -%}
            <|{{ message.role }}|>{{ message.content }}{% if message.role == 'assistant' %}<|end|>{% endif %}
            {%- endfor -%}
            {%- if add_generation_prompt %}<|assistant|>{% endif %}""";

    /** The token with the highest id. */
    static final String LAST = "<|last|>";

    private static final String[] SPECIAL = {"<s>", "</s>", "<|user|>", "<|end|>", "<|assistant|>", "<|system|>"};
    private static final ObjectMapper JSON = new ObjectMapper();

    private TinyModel() {}

    /** Lays out a folder; {@code golden} is such as {@code deepseek_v3/mlx-q4}. */
    public static Path layOut(Path folder, String golden, int vocabularySize) throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(GoldenFile.path(golden))) {
            for (Path file : files) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer(vocabularySize));
        Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
        return folder;
    }

    /** The special tokens, the 256 bytes, and words for all other ids. */
    private static String tokenizer(int vocabularySize) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        ObjectNode vocabulary = JSON.createObjectNode();
        for (int id = 0; id < SPECIAL.length; id++) {
            vocabulary.put(SPECIAL[id], id);
            add(added, SPECIAL[id], id);
        }
        int id = SPECIAL.length;
        for (int value = 0; value < 256; value++) {
            vocabulary.put(String.valueOf(letterOf(value)), id++);
        }
        while (id < vocabularySize - 1) {
            vocabulary.put("word" + id, id++);
        }
        add(added, LAST, vocabularySize - 1);
        vocabulary.put(LAST, vocabularySize - 1);
        root.putNull("normalizer");
        root.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        root.putNull("post_processor");
        root.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true)
                .put("use_regex", true);
        ObjectNode model = root.putObject("model").put("type", "BPE");
        model.set("vocab", vocabulary);
        model.putArray("merges");
        return JSON.writeValueAsString(root);
    }

    private static void add(ArrayNode added, String content, int id) {
        added.addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    /** GPT-2's letters for bytes: printable ones stand for themselves, the others follow from 256 on. */
    private static char letterOf(int value) {
        if (isPrintable(value)) {
            return (char) value;
        }
        int others = 0;
        for (int before = 0; before < value; before++) {
            others += isPrintable(before) ? 0 : 1;
        }
        return (char) (256 + others);
    }

    private static boolean isPrintable(int value) {
        return value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xAC || value >= 0xAE;
    }
}
