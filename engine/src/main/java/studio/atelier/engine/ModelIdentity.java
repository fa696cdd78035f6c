package studio.atelier.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;

/** What makes two openings of a folder the same model, whose numbers may be used again: its files and who computes. */
final class ModelIdentity {
    private ModelIdentity() {}

    /** Names, sizes and times of all files of the folder, and the kinds of processor and cache; empty when they can't be read. */
    static Optional<byte[]> of(Path folder, BackendChoice backend, CacheChoice cache) {
        TreeMap<String, String> files = new TreeMap<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.{json,safetensors}")) {
            for (Path file : found) {
                files.put(
                        String.valueOf(file.getFileName()),
                        Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis());
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        String kept =
                switch (cache) {
                    case AUTOMATIC -> "";
                    case EIGHT_BIT -> " " + cache;
                };
        return Optional.of((backend + kept + " " + files).getBytes(StandardCharsets.UTF_8));
    }
}
