package studio.atelier.installers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.zip.Deflater;

/**
 * The folder that the program starts from: its jars, and beside them the native libraries that were inside. JavaFX and
 * SQLite load them from there; from inside a jar they would be unpacked into the person's home folder.
 */
final class ApplicationFolder {
    /** Plays sound and video, which the program's pages can't have: their policy forbids it. */
    private static final List<String> MEDIA =
            List.of("avplugin", "fxplugins", "gstreamer-lite", "jfxmedia", "glib-lite");

    private final Path folder;
    private final TargetSystem system;
    private final Instant stamp;

    /** @param stamp when all files were changed last: a package of the same sources is the same */
    ApplicationFolder(Path folder, TargetSystem system, Instant stamp) {
        this.folder = folder;
        this.system = system;
        this.stamp = stamp;
    }

    /** Copies a jar without its native libraries and with those of this system beside it. */
    void add(ShippedJars.Jar jar) throws IOException {
        Path copy = folder.resolve(jar.name() + ".jar");
        try (JarFile source = new JarFile(jar.file().toFile());
                JarOutputStream target = new JarOutputStream(Files.newOutputStream(copy))) {
            target.setLevel(Deflater.BEST_COMPRESSION);
            Enumeration<JarEntry> entries = source.entries();
            while (entries.hasMoreElements()) {
                JarEntry entry = entries.nextElement();
                if (TargetSystem.isAnyLibrary(entry.getName())) {
                    takeOut(source, entry);
                } else if (!entry.isDirectory()) {
                    JarEntry same = new JarEntry(entry.getName());
                    same.setTimeLocal(java.time.LocalDateTime.ofInstant(stamp, java.time.ZoneOffset.UTC));
                    target.putNextEntry(same);
                    source.getInputStream(entry).transferTo(target);
                    target.closeEntry();
                }
            }
        }
        Files.setLastModifiedTime(copy, FileTime.from(stamp));
    }

    private void takeOut(JarFile jar, JarEntry entry) throws IOException {
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        if (!system.isLibrary(name) || isMedia(name) || isOfAnotherProcessor(entry.getName())) {
            return;
        }
        Path library = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(library)) {
            jar.getInputStream(entry).transferTo(out);
        }
        Files.setLastModifiedTime(library, FileTime.from(stamp));
    }

    private boolean isOfAnotherProcessor(String entry) {
        return entry.startsWith("org/sqlite/native/")
                && !entry.startsWith("org/sqlite/native/" + system.nativeFolder() + "/");
    }

    private static boolean isMedia(String name) {
        return MEDIA.stream().anyMatch(name::contains);
    }
}
