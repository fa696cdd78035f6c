package studio.atelier.installers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The jars on the program's class path, as the build wrote them down. */
final class ShippedJars {
    private static final Pattern NAME =
            Pattern.compile("(.+?)-(\\d[\\w.]*?)(?:-(?:linux|mac|win)(?:-aarch64|-x86)?)?\\.jar");

    /**
     * One jar.
     *
     * @param name without version and system, such as {@code javafx-web}
     * @param version as Maven knows it
     */
    record Jar(Path file, String name, String version) {
        static Jar of(Path file) {
            Matcher parts = NAME.matcher(String.valueOf(file.getFileName()));
            if (!parts.matches()) {
                throw new IllegalArgumentException("jar: expected name-version.jar, got " + file);
            }
            return new Jar(file, parts.group(1), parts.group(2));
        }

        /** Whether it is a module of this project. */
        boolean isOurs() {
            return List.of("assets", "engine", "model-manager", "desktop-app").contains(name);
        }
    }

    private ShippedJars() {}

    /**
     * Everything that is shipped, without JavaFX's empty jars, which only point to those of a system. Modules that were
     * only compiled are left out.
     *
     * @param list a class path, written by the build
     */
    static List<Jar> read(Path list) throws IOException {
        return Arrays.stream(Files.readString(list).strip().split(Pattern.quote(File.pathSeparator)))
                .map(Path::of)
                .filter(file -> file.toString().endsWith(".jar"))
                .filter(file -> !isEmptyJavaFx(file))
                .map(Jar::of)
                .toList();
    }

    private static boolean isEmptyJavaFx(Path file) {
        String name = String.valueOf(file.getFileName());
        return (name.startsWith("javafx-") || name.startsWith("jdk-jsobject-"))
                && !name.matches(".*-(linux|mac|win)(-aarch64|-x86)?\\.jar");
    }
}
