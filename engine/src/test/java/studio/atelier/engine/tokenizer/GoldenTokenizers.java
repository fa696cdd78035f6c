package studio.atelier.engine.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;

/**
 * The golden tokenizers: what may be copied lies compressed in the test resources, the rest in {@code shared/golden}
 * beside the checkout or where the system property {@code atelier.golden} points.
 */
final class GoldenTokenizers {
    /** Families that must be tested somewhere: absent ones are reported as skipped. */
    private static final List<String> FAMILIES = List.of("deepseek-v3", "llama-3.1", "qwen3");

    private static final ObjectMapper JSON = new ObjectMapper();

    private GoldenTokenizers() {}

    /** The known families and every other one that the shared folder holds. */
    static Iterable<String> families() throws IOException {
        var families = new TreeSet<>(FAMILIES);
        var folder = shared().resolve("tokenizers");
        if (Files.isDirectory(folder)) {
            try (var entries = Files.list(folder)) {
                entries.filter(entry -> Files.isRegularFile(entry.resolve("tokenizer.json")))
                        .forEach(entry -> families.add(entry.getFileName().toString()));
            }
        }
        return families;
    }

    /** A model folder with the family's tokenizer, unpacked below {@code scratch}; empty when the data is not here. */
    static Optional<Path> folder(String family, Path scratch) throws IOException {
        var target = Files.createDirectories(scratch.resolve(family));
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            try (var in = open("tokenizers/" + family + "/" + name)) {
                if (in != null) {
                    Files.copy(in, target.resolve(name));
                }
            }
        }
        return Files.exists(target.resolve("tokenizer.json")) ? Optional.of(target) : Optional.empty();
    }

    static Optional<Tokenizer> tokenizer(String family, Path scratch) throws IOException, EngineException {
        var folder = folder(family, scratch);
        return folder.isPresent() ? Optional.of(Tokenizer.open(folder.get())) : Optional.empty();
    }

    /** The elements of a JSON array of the golden data, none when the file is not here. */
    static List<JsonNode> cases(String path) throws IOException {
        try (var in = open(path)) {
            return in == null
                    ? List.of()
                    : StreamSupport.stream(JSON.readTree(in).spliterator(), false)
                            .toList();
        }
    }

    static Optional<String> text(String path) throws IOException {
        try (var in = open(path)) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static int[] ids(JsonNode array) {
        return IntStream.range(0, array.size())
                .map(i -> array.get(i).intValue())
                .toArray();
    }

    private static @Nullable InputStream open(String path) throws IOException {
        var resource = GoldenTokenizers.class.getResourceAsStream("/golden/" + path + ".gz");
        if (resource != null) {
            return new GZIPInputStream(resource);
        }
        var plain = GoldenTokenizers.class.getResourceAsStream("/golden/" + path);
        if (plain != null) {
            return plain;
        }
        var file = shared().resolve(path);
        return Files.isRegularFile(file) ? Files.newInputStream(file) : null;
    }

    private static Path shared() {
        var root = Path.of(System.getProperty("atelier.root", ".."))
                .toAbsolutePath()
                .normalize();
        return Path.of(System.getProperty(
                "atelier.golden", root.resolve("../shared/golden").toString()));
    }
}
