package studio.atelier.installers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** THIRD-PARTY.md says of everything that is shipped, and of nothing else, what its licence is and where the text lies. */
final class LicencesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path ASSETS = ROOT.resolve("assets/src/main/resources/studio/atelier/assets");

    /** Ours, written for this project. */
    private static final List<String> OUR_SCRIPTS = List.of("web/chat.js", "web/chat.css");

    private static ThirdParty list() throws IOException {
        return ThirdParty.read(ROOT.resolve("THIRD-PARTY.md"));
    }

    private static List<ShippedJars.Jar> foreignJars() throws IOException {
        return ShippedJars.read(Path.of("target/shipped")).stream()
                .filter(jar -> !jar.isOurs())
                .toList();
    }

    @Test
    void everyShippedJarIsListedWithItsVersionAndNoOther() throws IOException {
        Map<String, String> listed = new TreeMap<>();
        list().jars().forEach(row -> row.names().forEach(name -> listed.put(name, row.version())));
        Map<String, String> shipped = new TreeMap<>();
        foreignJars().forEach(jar -> shipped.put(jar.name(), jar.version()));
        assertEquals(shipped, listed);
        assertTrue(shipped.containsKey("javafx-web") && shipped.size() > 10, "the jars were not found");
    }

    @Test
    void everyFontAndScriptIsListedOnce() throws IOException {
        Map<String, Integer> rows = new TreeMap<>();
        for (String file : foreignAssets()) {
            rows.put(file, 0);
        }
        TreeSet<String> unmatched = new TreeSet<>();
        for (ThirdParty.Row row : list().files()) {
            for (String pattern : row.names()) {
                PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
                List<String> matched = rows.keySet().stream()
                        .filter(file -> matcher.matches(Path.of(file)))
                        .toList();
                matched.forEach(file -> rows.merge(file, 1, Integer::sum));
                if (matched.isEmpty()) {
                    unmatched.add(pattern);
                }
            }
        }
        assertEquals(new TreeSet<>(), unmatched, "listed and not shipped");
        rows.values().removeIf(count -> count == 1);
        assertEquals(Map.of(), rows, "shipped and not listed once");
    }

    private static List<String> foreignAssets() throws IOException {
        try (Stream<Path> files = Files.walk(ASSETS)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> ASSETS.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> name.startsWith("fonts/") || name.startsWith("web/"))
                    .filter(name -> name.matches(".*\\.(ttf|otf|woff2?|js|css|html)"))
                    .filter(name -> !OUR_SCRIPTS.contains(name))
                    .toList();
        }
    }

    @Test
    void everyRowHasItsText() throws IOException {
        Licences licences = new Licences(ROOT);
        Map<String, ShippedJars.Jar> jars = new TreeMap<>();
        foreignJars().forEach(jar -> jars.put(jar.name(), jar));
        for (ThirdParty.Row row : list().jars()) {
            assertFalse(row.licence().isBlank(), row.names() + " has no licence");
            for (String name : row.names()) {
                boolean inside = !Licences.inside(jars.get(name)).isEmpty();
                assertTrue(inside || !row.texts().isEmpty(), name + " has no licence text");
            }
        }
        for (ThirdParty.Row row : list().files()) {
            assertFalse(row.texts().isEmpty(), row.names() + " has no licence text");
        }
        for (ThirdParty.Row row :
                Stream.concat(list().jars().stream(), list().files().stream()).toList()) {
            for (String text : row.texts()) {
                assertTrue(Files.size(licences.find(text)) > 500, text + " is too short for a licence");
            }
        }
    }

    @Test
    void packageHoldsAllTexts(@TempDir Path folder) throws IOException {
        new Licences(ROOT).gather(foreignJars(), folder.resolve("licences"));
        for (String name : List.of(
                "LICENSE",
                "LICENSE-Atelier.txt",
                "THIRD-PARTY.md",
                "openjfx.txt",
                "LGPL-2.1.txt",
                "jackson-core-LICENSE",
                "sqlite-jdbc-LICENSE",
                "fonts-OFL-Inter.txt",
                "web-katex-LICENSE")) {
            assertTrue(Files.size(folder.resolve("licences").resolve(name)) > 500, name);
        }
    }

    @Test
    void textThatIsNotThereIsMissed() throws IOException {
        Licences licences = new Licences(ROOT);
        assertThrows(IOException.class, () -> licences.find("no-such-text.txt"));
    }
}
