package studio.atelier.models.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import studio.atelier.models.convert.QuantizationError;
import studio.atelier.models.download.DurableFile;
import studio.atelier.models.download.Volume;

/**
 * Where an installed model comes from and what it must consist of. It is the last thing that is written: a folder
 * without it is no model.
 *
 * @param endpoint of the hub; whoever runs it vouches for the hashes
 * @param recipe what was done to the weights; {@code as published} when nothing was
 * @param folder with the model; the manifest's own, or a snapshot in the shared cache
 * @param errors relative RMS of what was quantized, by module
 * @param program the version of Atelier that wrote it
 */
public record ModelManifest(
        String repository,
        String revision,
        String commit,
        String endpoint,
        Optional<String> licence,
        String recipe,
        Path folder,
        List<FileEntry> files,
        Map<String, Double> errors,
        String program,
        Instant installed) {
    public static final String NAME = "atelier.json";
    public static final String AS_PUBLISHED = "as published";
    private static final int MOST_BYTES = 64 << 20;

    /** A file that belongs to the model, by its name in the folder. */
    public record FileEntry(String name, long sizeBytes, String sha256) {}

    public ModelManifest {
        files = List.copyOf(files);
        errors = Map.copyOf(errors);
    }

    /** All files together. */
    public long sizeBytes() {
        return files.stream().mapToLong(FileEntry::sizeBytes).sum();
    }

    /** The middle of the modules' errors; empty when nothing was quantized here. */
    public Optional<Double> medianError() {
        List<Double> sorted = errors.values().stream().sorted().toList();
        return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
    }

    /** The errors of layers, each the largest of its modules'; what belongs to no layer is left out. */
    public Map<Integer, Double> errorByLayer() {
        Map<Integer, Double> layers = new TreeMap<>();
        errors.forEach((module, error) -> {
            String[] parts = module.split("\\.");
            for (int i = 0; i + 1 < parts.length; i++) {
                if (parts[i].equals("layers") && parts[i + 1].matches("\\d{1,5}")) {
                    layers.merge(Integer.parseInt(parts[i + 1]), error, Math::max);
                }
            }
        });
        return layers;
    }

    /** Errors as manifests keep them, by module. */
    static Map<String, Double> relative(Map<String, QuantizationError> errors) {
        Map<String, Double> relative = new TreeMap<>();
        errors.forEach((module, error) -> relative.put(module, error.relativeRms()));
        return relative;
    }

    /** Hashes what a folder holds, but for a manifest; tells each file's name before. */
    static List<FileEntry> filesOf(Path folder, Consumer<String> told) throws IOException, InterruptedException {
        List<FileEntry> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(path).toString().replace('\\', '/');
                if (!name.equals(NAME)) {
                    told.accept(name);
                    files.add(new FileEntry(name, Files.size(path), ModelStore.sha256(path, _ -> {})));
                }
            }
        }
        return files;
    }

    void write(Path entryFolder) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Path own = entryFolder.toAbsolutePath().normalize();
        boolean inside = folder.toAbsolutePath().normalize().equals(own);
        ObjectNode root = mapper.createObjectNode()
                .put("format", 1)
                .put("repository", repository)
                .put("revision", revision)
                .put("commit", commit)
                .put("endpoint", endpoint)
                .put("recipe", recipe)
                .put("folder", inside ? "." : folder.toString())
                .put("program", program)
                .put("installed", installed.toString());
        licence.ifPresent(text -> root.put("licence", text));
        ArrayNode list = root.putArray("files");
        files.forEach(file -> list.addObject()
                .put("name", file.name())
                .put("sizeBytes", file.sizeBytes())
                .put("sha256", file.sha256()));
        ObjectNode measured = root.putObject("relativeError");
        new TreeMap<>(errors).forEach(measured::put);
        DurableFile.write(
                Volume.REAL,
                own.resolve(NAME),
                mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
    }

    /** The manifest in a folder; empty when there is none, or none that can be read. */
    static Optional<ModelManifest> read(Path entryFolder) throws IOException {
        Path file = entryFolder.resolve(NAME);
        if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
            return Optional.empty();
        }
        try {
            JsonNode root = new ObjectMapper().readTree(Files.readAllBytes(file));
            List<FileEntry> files = new ArrayList<>();
            for (JsonNode node : root.path("files")) {
                studio.atelier.models.hub.FileNames.check(node.path("name").asText());
                files.add(new FileEntry(
                        node.path("name").asText(),
                        node.path("sizeBytes").asLong(),
                        node.path("sha256").asText()));
            }
            Map<String, Double> errors = new TreeMap<>();
            root.path("relativeError")
                    .properties()
                    .forEach(
                            entry -> errors.put(entry.getKey(), entry.getValue().asDouble()));
            return Optional.of(new ModelManifest(
                    root.path("repository").asText(),
                    root.path("revision").asText(),
                    root.path("commit").asText(),
                    root.path("endpoint").asText(),
                    Optional.ofNullable(root.path("licence").textValue()),
                    root.path("recipe").asText(),
                    entryFolder.resolve(root.path("folder").asText(".")).normalize(),
                    files,
                    errors,
                    root.path("program").asText(),
                    Instant.parse(root.path("installed").asText())));
        } catch (JacksonException | java.time.DateTimeException | java.nio.file.InvalidPathException e) {
            return Optional.empty();
        }
    }
}
