package studio.atelier.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the tests run in. */
final class SourceTree {
    private static final List<String> MODULES =
            List.of("assets", "engine", "model-manager", "desktop-app", "installers");

    private SourceTree() {}

    static Path root() {
        Path root = Path.of(System.getProperty("atelier.root", ".."))
                .toAbsolutePath()
                .normalize();
        if (!Files.exists(root.resolve("mvnw"))) {
            throw new IllegalStateException("expected the repository's root, got " + root);
        }
        return root;
    }

    /** Every Java source of every module, tests and benchmarks included. */
    static List<Path> javaFiles() throws IOException {
        return MODULES.stream()
                .flatMap(module -> filesUnder(root().resolve(module).resolve("src")))
                .filter(file -> file.toString().endsWith(".java"))
                .sorted()
                .toList();
    }

    private static Stream<Path> filesUnder(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
