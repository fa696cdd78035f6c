package studio.atelier.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a command did: in this process, or as the program that people start. */
record Ran(int code, String out, String err) {
    static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");

    /** In this process, with this on standard input. */
    static Ran with(String input, String... arguments) {
        return with(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), false, arguments);
    }

    static Ran with(InputStream input, boolean interactive, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                input,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                interactive);
        int code = Studio.run(List.of(arguments), terminal);
        return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The program itself, as a process of its own in an environment with this language. */
    static Process program(String language, Path folder, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "studio.atelier.app.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("LC_ALL", language);
        environment.put("ATELIER_HOME", folder.toString());
        return builder.start();
    }

    /** A folder made of a golden model, with a byte tokenizer and a chat template. */
    static Path tinyModel(Path folder, String golden) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(GOLDEN.resolve(golden).resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), TINY_TOKENIZER);
        Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
        return folder;
    }

    static final String TEMPLATE = "{%- for m in messages -%}<|{{ m.role }}|>{{ m.content }}"
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
            vocabulary.append(id == 0 ? "" : ",").append('"').append(special[id]).append("\":").append(id);
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
