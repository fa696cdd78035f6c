package studio.atelier.app.script;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real model of a few hundred kilobytes, whose words mean nothing. */
public final class TinyFolder {
    /** The engine's reference models. */
    public static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");

    private TinyFolder() {}

    /** A folder made of a golden model, with a byte tokenizer and a chat template. */
    public static Path layOut(Path folder, String golden) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(GOLDEN.resolve(golden).resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), TINY_TOKENIZER);
        Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
        return folder;
    }

    private static final String TEMPLATE = "{%- for m in messages -%}<|{{ m.role }}|>{{ m.content }}"
            + "{%- if m.role == 'assistant' %}<|end|>{% endif %}{%- endfor -%}"
            + "{%- if add_generation_prompt %}<|assistant|>{% endif %}";

    /** Letters for a few ids, words for the rest: enough for a model whose words mean nothing. */
    private static final String TINY_TOKENIZER = tokenizer();

    private static String tokenizer() {
        String[] special = {"<s>", "</s>", "<|user|>", "<|end|>", "<|assistant|>", "<|system|>"};
        StringBuilder added = new StringBuilder();
        StringBuilder vocabulary = new StringBuilder();
        for (int id = 0; id < special.length; id++) {
            added.append(id == 0 ? "" : ",")
                    .append("{\"id\":")
                    .append(id)
                    .append(",\"content\":\"")
                    .append(special[id])
                    .append("\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,")
                    .append("\"special\":true}");
            vocabulary
                    .append(id == 0 ? "" : ",")
                    .append('"')
                    .append(special[id])
                    .append("\":")
                    .append(id);
        }
        for (int id = special.length; id < 320; id++) {
            int letter = 33 + id - special.length;
            boolean plain = letter < 127 && letter != '"' && letter != '\\';
            String token = plain ? String.valueOf((char) letter) : "Ġword" + id;
            vocabulary.append(",\"").append(token).append("\":").append(id);
        }
        return "{\"version\":\"1.0\",\"added_tokens\":[" + added + "],\"normalizer\":null,"
                + "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,"
                + "\"use_regex\":true},\"post_processor\":null,\"decoder\":{\"type\":\"ByteLevel\","
                + "\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true},"
                + "\"model\":{\"type\":\"BPE\",\"vocab\":{" + vocabulary + "},\"merges\":[]}}";
    }
}
