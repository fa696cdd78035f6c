package studio.atelier.installers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/** The licence texts of everything that is shipped, as a folder of the package. */
final class Licences {
    private static final Pattern TEXT = Pattern.compile("(?i)META-INF/(?:.*/)?[^/]*(?:LICENSE|NOTICE)[^/]*");
    private static final String ASSETS = "assets/src/main/resources/studio/atelier/assets";

    private final Path root;
    private final ThirdParty list;

    /** @param root the checkout */
    Licences(Path root) throws IOException {
        this.root = root;
        this.list = ThirdParty.read(root.resolve("THIRD-PARTY.md"));
    }

    /**
     * Writes them all, the list first.
     *
     * @throws IOException when a text that the list names is not there
     */
    void gather(List<ShippedJars.Jar> jars, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.copy(root.resolve("LICENSE"), folder.resolve("LICENSE-Atelier.txt"));
        Files.copy(root.resolve("THIRD-PARTY.md"), folder.resolve("THIRD-PARTY.md"));
        // The JDK's own text, GPL-2.0 with the Classpath Exception, is OpenJFX's too.
        Files.copy(
                Path.of(System.getProperty("java.home"), "legal", "java.base", "LICENSE"), folder.resolve("LICENSE"));
        for (ThirdParty.Row row : list.jars()) {
            copyNamed(row, folder);
        }
        for (ThirdParty.Row row : list.files()) {
            copyNamed(row, folder);
        }
        for (ShippedJars.Jar jar : jars) {
            copyFrom(jar, folder);
        }
    }

    private void copyNamed(ThirdParty.Row row, Path folder) throws IOException {
        for (String text : row.texts()) {
            Path target = folder.resolve(text.replace('/', '-'));
            if (!Files.exists(target)) {
                Files.copy(find(text), target);
            }
        }
    }

    /**
     * Where a text lies.
     *
     * @throws IOException when there is none of that name
     */
    Path find(String text) throws IOException {
        for (Path place : List.of(root, root.resolve("installers/src/licences"), root.resolve(ASSETS))) {
            if (Files.isRegularFile(place.resolve(text))) {
                return place.resolve(text);
            }
        }
        throw new IOException("THIRD-PARTY.md names the licence text " + text + ", which is not in the project.");
    }

    /** The names of the texts inside a jar. */
    static List<String> inside(ShippedJars.Jar jar) throws IOException {
        try (JarFile file = new JarFile(jar.file().toFile())) {
            return file.stream()
                    .map(JarEntry::getName)
                    .filter(name ->
                            !name.endsWith(".class") && TEXT.matcher(name).matches())
                    .toList();
        }
    }

    private static void copyFrom(ShippedJars.Jar jar, Path folder) throws IOException {
        if (jar.isOurs()) {
            return;
        }
        try (JarFile file = new JarFile(jar.file().toFile())) {
            for (String name : inside(jar)) {
                String last = name.substring(name.lastIndexOf('/') + 1);
                try (InputStream in = file.getInputStream(file.getJarEntry(name))) {
                    Files.copy(in, folder.resolve(jar.name() + "-" + last));
                }
            }
        }
    }
}
