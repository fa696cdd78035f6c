package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * Makes a folder that the engine opens of a GGUF file, or of the parts of one: names, configuration and vocabulary as
 * other folders have them, weights by {@link GgufPacking}. The folder has another name until it is whole.
 */
public final class GgufConverter {
    private static final Pattern SPLIT = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

    private GgufConverter() {}

    /**
     * Converts.
     *
     * @param file the file, or the first part of several
     * @param target a folder that is not there yet
     * @param written told how many bytes of the new weights are there
     */
    public static void convert(Path file, Path target, LongConsumer written) throws EngineException, IOException {
        if (Files.exists(target)) {
            throw new IOException(target + " is there already; choose another name or remove it first.");
        }
        Path absolute = target.toAbsolutePath().normalize();
        Path unfinished = absolute.resolveSibling(absolute.getFileName() + ".unfinished");
        List<GgufFile> parts = new ArrayList<>();
        try {
            for (Path part : parts(file)) {
                parts.add(GgufFile.open(part));
            }
            removeFolder(unfinished);
            Files.createDirectories(unfinished);
            write(parts, unfinished, written);
            Engine.check(unfinished);
            Files.move(unfinished, absolute, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            parts.forEach(GgufFile::close);
            removeFolder(unfinished);
        }
    }

    private static List<Path> parts(Path file) throws EngineException {
        Matcher split = SPLIT.matcher(String.valueOf(file.getFileName()));
        if (!split.matches()) {
            return List.of(file);
        }
        int count = Integer.parseInt(split.group(3));
        List<Path> parts = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Path part =
                    file.resolveSibling(String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", split.group(1), i, count));
            if (!Files.isRegularFile(part)) {
                throw new EngineException(
                        Reason.MODEL_FOLDER_INCOMPLETE,
                        part + " is missing, part " + i + " of " + count + "; download it too.");
            }
            parts.add(part);
        }
        return parts;
    }

    private static void write(List<GgufFile> parts, Path folder, LongConsumer written)
            throws EngineException, IOException {
        GgufFile first = parts.getFirst();
        ObjectNode config = GgufConfig.of(first);
        Map<String, GgufTensor> tensors = new LinkedHashMap<>();
        for (GgufFile part : parts) {
            GgufNames names = new GgufNames(part.file().toString(), config, GgufConfig.blocks(first));
            for (GgufTensor tensor : part.tensors().values()) {
                Optional<String> name = names.of(tensor);
                if (name.isPresent() && tensors.put(name.get(), tensor) != null) {
                    throw new EngineException(
                            Reason.MODEL_FILE_BROKEN,
                            part.file() + ": the tensor " + tensor.name() + " is in two parts.");
                }
            }
        }
        long announced =
                first.metadata().get("split.tensors.count") instanceof GgufValue.Whole whole ? whole.value() : -1;
        long found = parts.stream().mapToLong(part -> part.tensors().size()).sum();
        if (announced >= 0 && announced != found) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    first.file() + ": it announces " + announced + " tensors, its parts hold " + found
                            + "; download it again.");
        }
        config.put("tie_word_embeddings", !tensors.containsKey("lm_head.weight"));
        ObjectNode quantization = config.putObject("quantization")
                .put("group_size", 32)
                .put("bits", 4)
                .put("mode", "affine");
        List<Announced> all = new ArrayList<>();
        List<GgufRows> rows = new ArrayList<>();
        for (Map.Entry<String, GgufTensor> entry : tensors.entrySet()) {
            int turned = GgufConfig.isTurned(first) ? heads(config, entry.getKey()) : 0;
            GgufRows one = GgufRows.of(entry.getKey(), entry.getValue(), turned);
            rows.add(one);
            all.addAll(one.tensors());
            one.scheme().ifPresent(scheme -> note(quantization, one.module(), scheme));
        }
        long done = 0;
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(folder.resolve("model.safetensors"), all, Map.of("format", "mlx"))) {
            for (GgufRows one : rows) {
                done += one.write(writer);
                written.accept(done);
            }
            writer.finish();
        }
        ObjectMapper mapper = new ObjectMapper();
        mapper.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("config.json").toFile(), config);
        mapper.writeValue(folder.resolve("tokenizer.json").toFile(), GgufTokenizer.of(first));
        mapper.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve("tokenizer_config.json").toFile(), GgufTokenizer.config(first));
    }

    private static void note(ObjectNode quantization, String module, Scheme scheme) {
        quantization
                .putObject(module)
                .put("group_size", scheme.groupSize())
                .put("bits", scheme.bits())
                .put("mode", scheme.mode().name().toLowerCase(Locale.ROOT));
    }

    /** Heads of queries or keys; 0 for all other tensors. */
    private static int heads(ObjectNode config, String name) {
        if (name.contains(".self_attn.q_proj.")) {
            return config.path("num_attention_heads").asInt();
        }
        return name.contains(".self_attn.k_proj.")
                ? config.path("num_key_value_heads").asInt()
                : 0;
    }

    private static void removeFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }
}
