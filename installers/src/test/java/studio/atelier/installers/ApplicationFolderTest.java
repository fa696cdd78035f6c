package studio.atelier.installers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApplicationFolderTest {
    private static final Instant STAMP = Instant.parse("2026-01-02T03:04:06Z");

    @Test
    void librariesOfThisSystemLieBesideTheJarsAndInNone(@TempDir Path folder) throws IOException {
        Path source = folder.resolve("some-lib-1.2.3-linux.jar");
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(source))) {
            for (String name : List.of(
                    "a/A.class",
                    "libwindow.so",
                    "libgstreamer-lite.so",
                    "window.dll",
                    "libwindow.dylib",
                    "org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
                    "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
                    "org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so")) {
                jar.putNextEntry(new JarEntry(name));
                jar.write(name.getBytes());
                jar.closeEntry();
            }
        }
        Path target = Files.createDirectories(folder.resolve("app"));
        new ApplicationFolder(target, TargetSystem.of("Linux", "amd64"), STAMP).add(ShippedJars.Jar.of(source));
        try (Stream<Path> files = Files.list(target)) {
            assertEquals(
                    List.of("libsqlitejdbc.so", "libwindow.so", "some-lib.jar"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(
                "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
                Files.readString(target.resolve("libsqlitejdbc.so")));
        try (JarFile jar = new JarFile(target.resolve("some-lib.jar").toFile())) {
            assertEquals(
                    List.of("a/A.class"), jar.stream().map(JarEntry::getName).toList());
        }
        assertEquals(
                STAMP, Files.getLastModifiedTime(target.resolve("some-lib.jar")).toInstant());
    }

    @Test
    void namesOfJarsHaveThreeParts() {
        assertEquals(
                "javafx-web",
                ShippedJars.Jar.of(Path.of("javafx-web-26.0.1-mac-aarch64.jar")).name());
        assertEquals(
                "26.0.1",
                ShippedJars.Jar.of(Path.of("javafx-web-26.0.1-mac-aarch64.jar")).version());
        assertEquals(
                "3.54.1.0",
                ShippedJars.Jar.of(Path.of("sqlite-jdbc-3.54.1.0.jar")).version());
        assertThrows(IllegalArgumentException.class, () -> ShippedJars.Jar.of(Path.of("nameless.jar")));
    }

    @Test
    void emptyJavaFxJarsAreNotShipped(@TempDir Path folder) throws IOException {
        Path list = folder.resolve("shipped");
        Files.writeString(
                list,
                String.join(
                        java.io.File.pathSeparator,
                        "x/javafx-web-26.0.1.jar",
                        "x/javafx-web-26.0.1-linux.jar",
                        "x/classes",
                        "x/engine-0.1.0.jar"));
        assertEquals(
                List.of("javafx-web", "engine"),
                ShippedJars.read(list).stream().map(ShippedJars.Jar::name).toList());
    }

    @Test
    void systemsWithoutPackagesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> TargetSystem.of("SunOS", "sparc"));
        assertEquals(List.of("msi"), TargetSystem.of("Windows 11", "amd64").packages());
        assertEquals("Mac/aarch64", TargetSystem.of("Mac OS X", "aarch64").nativeFolder());
    }
}
