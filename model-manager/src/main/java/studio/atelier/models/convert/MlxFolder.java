package studio.atelier.models.convert;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import studio.atelier.engine.quantize.Scheme;

/** The files beside the weights, as mlx-lm 0.32 writes them. */
final class MlxFolder {
    /** Copied where they exist: what the tokenizer, the template and the licence need. */
    private static final List<String> COMPANIONS = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "tokenizer.model",
            "chat_template.jinja",
            "chat_template.json",
            "generation_config.json",
            "preprocessor_config.json",
            "processor_config.json");

    private static final ObjectMapper JSON = new ObjectMapper();

    private MlxFolder() {}

    /**
     * The source's configuration with what was done to the weights.
     *
     * @param ownHead whether the head is a matrix of its own
     */
    static void writeConfig(
            Path folder, ObjectNode source, Scheme scheme, Map<String, Scheme> exceptions, boolean ownHead)
            throws IOException {
        ObjectNode quantization = JSON.createObjectNode()
                .put("group_size", scheme.groupSize())
                .put("bits", scheme.bits())
                .put("mode", scheme.mode().name().toLowerCase(Locale.ROOT));
        exceptions.forEach((module, own) -> {
            ObjectNode exception = quantization
                    .putObject(module)
                    .put("group_size", own.groupSize())
                    .put("bits", own.bits());
            // Its own rule for routers names none, which means affine.
            if (!Plan.isRouter(module)) {
                exception.put("mode", own.mode().name().toLowerCase(Locale.ROOT));
            }
        });
        Map<String, JsonNode> sorted = new TreeMap<>();
        source.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
        sorted.remove("_name_or_path");
        if (ownHead && source.path("model_type").asText().equals("llama")) {
            // Where nothing is said, Hugging Face's Llama has a head of its own and mlx-lm's has none.
            sorted.putIfAbsent("tie_word_embeddings", BooleanNode.FALSE);
        }
        sorted.put("quantization", quantization);
        sorted.put("quantization_config", quantization);
        write(folder.resolve("config.json"), sorted);
    }

    static void writeIndex(Path folder, Map<String, String> fileOfTensor, long sizeBytes, long parameters)
            throws IOException {
        Map<String, Object> index = new TreeMap<>();
        index.put("metadata", new TreeMap<>(Map.of("total_size", sizeBytes, "total_parameters", parameters)));
        index.put("weight_map", new TreeMap<>(fileOfTensor));
        write(folder.resolve("model.safetensors.index.json"), index);
    }

    private static void write(Path file, Object value) throws IOException {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(new DefaultIndenter("    ", "\n"));
        printer.indentArraysWith(new DefaultIndenter("    ", "\n"));
        Files.write(file, JSON.writer(printer).writeValueAsBytes(value));
    }

    static void copyCompanions(Path source, Path folder) throws IOException {
        for (String name : COMPANIONS) {
            if (Files.isRegularFile(source.resolve(name))) {
                Files.copy(source.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        try (DirectoryStream<Path> licences = Files.newDirectoryStream(source, "LICENSE*")) {
            for (Path licence : licences) {
                if (Files.isRegularFile(licence)) {
                    Files.copy(
                            licence,
                            folder.resolve(String.valueOf(licence.getFileName())),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
