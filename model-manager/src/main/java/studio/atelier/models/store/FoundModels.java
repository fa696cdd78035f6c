package studio.atelier.models.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import studio.atelier.models.download.HubCache;

/**
 * Models that other programs keep on this machine. They are used where they lie and never changed.
 *
 * @param variables of the environment
 * @param chosen folders that the person named, of any program
 */
public record FoundModels(HubCache cache, Map<String, String> variables, Path home, List<Path> chosen) {
    private static final int DEEPEST = 4;
    /** Our own work in progress, and a hub cache, which has a layout of its own. */
    private static final Pattern NO_MODELS =
            Pattern.compile("(^|[/\\\\])(models--[^/\\\\]*|[^/\\\\]*\\.(arriving|unfinished))([/\\\\]|$)");

    private static final long LEAST_BYTES = 1 << 20;

    public FoundModels {
        chosen = List.copyOf(chosen);
    }

    /** All of them; a folder that can't be read holds none. */
    public List<InstalledModel> models() {
        List<InstalledModel> found = new ArrayList<>();
        addQuietly(found, () -> inCache(cache, InstalledModel.Origin.HUB_CACHE));
        for (Path root : List.of(
                home.resolve(".lmstudio").resolve("models"),
                home.resolve(".cache").resolve("lm-studio").resolve("models"))) {
            addQuietly(found, () -> inFolder(root, InstalledModel.Origin.LM_STUDIO));
        }
        String named = variables.getOrDefault("OLLAMA_MODELS", "");
        Path ollama = named.isBlank() ? home.resolve(".ollama").resolve("models") : Path.of(named);
        addQuietly(found, () -> inOllama(ollama));
        for (Path root : chosen) {
            addQuietly(found, () -> inOllama(root));
            addQuietly(found, () -> inCache(HubCache.at(root), InstalledModel.Origin.FOLDER));
            addQuietly(found, () -> inFolder(root, InstalledModel.Origin.FOLDER));
        }
        return List.copyOf(found);
    }

    private interface Search {
        List<InstalledModel> run() throws IOException;
    }

    private static void addQuietly(List<InstalledModel> found, Search search) {
        try {
            found.addAll(search.run());
        } catch (IOException | java.io.UncheckedIOException e) {
            // Another program's folder, perhaps of another user: what can't be read is not there for us.
            return;
        }
    }

    private static List<InstalledModel> inCache(HubCache cache, InstalledModel.Origin origin) throws IOException {
        List<InstalledModel> found = new ArrayList<>();
        for (HubCache.CachedSnapshot snapshot : cache.snapshots()) {
            if (isModel(snapshot.folder())) {
                found.add(model(snapshot.repository().name(), snapshot.folder(), origin));
            }
        }
        return found;
    }

    /** {@code publisher/model/} with a folder as published, or with GGUF files. */
    private static List<InstalledModel> inFolder(Path root, InstalledModel.Origin origin) throws IOException {
        List<InstalledModel> found = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return found;
        }
        try (Stream<Path> paths = Files.walk(root, DEEPEST)) {
            for (Path path : paths.sorted().toList()) {
                String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
                if (NO_MODELS.matcher(root.relativize(path).toString()).find()) {
                    continue;
                }
                if (Files.isDirectory(path) && isModel(path)) {
                    found.add(model(String.valueOf(path.getFileName()), path, origin));
                } else if (name.endsWith(".gguf") && !name.contains("mmproj") && !name.matches(".*-0000[2-9]-of-.*")) {
                    found.add(model(String.valueOf(path.getFileName()).replaceFirst("\\.[^.]*$", ""), path, origin));
                }
            }
        }
        return found;
    }

    /** {@code manifests/registry/owner/model/tag}, which name their layers by hash. */
    private static List<InstalledModel> inOllama(Path root) throws IOException {
        List<InstalledModel> found = new ArrayList<>();
        Path manifests = root.resolve("manifests");
        if (!Files.isDirectory(manifests)) {
            return found;
        }
        try (Stream<Path> paths = Files.walk(manifests, DEEPEST + 1)) {
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                Optional<Path> weights = ollamaWeights(root, path);
                if (weights.isPresent()) {
                    Path model = path.getParent() == null ? path : path.getParent();
                    String name = model.getFileName() + ":" + path.getFileName();
                    found.add(model(name, weights.get(), InstalledModel.Origin.OLLAMA));
                }
            }
        }
        return found;
    }

    private static Optional<Path> ollamaWeights(Path root, Path manifest) throws IOException {
        if (Files.size(manifest) > LEAST_BYTES) {
            return Optional.empty();
        }
        JsonNode parsed;
        try {
            parsed = new ObjectMapper().readTree(Files.readAllBytes(manifest));
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            return Optional.empty();
        }
        for (JsonNode layer : parsed.path("layers")) {
            String digest = layer.path("digest").asText("");
            if (layer.path("mediaType").asText("").equals("application/vnd.ollama.image.model")
                    && digest.matches("sha256:[0-9a-f]{64}")) {
                Path blob = root.resolve("blobs").resolve(digest.replace(':', '-'));
                return Files.isRegularFile(blob) ? Optional.of(blob) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Weights with a configuration beside them, or several such folders under an index, as models of pictures have them. */
    private static boolean isModel(Path folder) throws IOException {
        if (Files.isRegularFile(folder.resolve("model_index.json"))) {
            return hasWeights(folder, 2);
        }
        return Files.isRegularFile(folder.resolve("config.json")) && hasWeights(folder, 1);
    }

    private static boolean hasWeights(Path folder, int depth) throws IOException {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.anyMatch(
                    file -> String.valueOf(file.getFileName()).endsWith(".safetensors") && Files.exists(file));
        }
    }

    private static InstalledModel model(String name, Path place, InstalledModel.Origin origin) throws IOException {
        long sizeBytes;
        if (Files.isDirectory(place)) {
            try (Stream<Path> files = Files.walk(place)) {
                sizeBytes = files.filter(Files::isRegularFile)
                        .mapToLong(FoundModels::size)
                        .sum();
            }
        } else {
            sizeBytes = Files.size(place);
        }
        return new InstalledModel(
                name, place, Optional.empty(), origin, sizeBytes, ModelFormats.of(place), Optional.empty());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
