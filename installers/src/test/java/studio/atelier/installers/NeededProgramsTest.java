package studio.atelier.installers;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class NeededProgramsTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsMissingIsSaidBeforeTheWork() throws IOException {
        String path = "/no/such/folder" + File.pathSeparator + folder;
        add("strip");
        assertDoesNotThrow(() -> NeededPrograms.check(TargetSystem.Kind.LINUX, List.of(), path));
        assertTrue(refusal(List.of("deb"), path).contains("dpkg-deb"));
        add("dpkg-deb");
        assertTrue(refusal(List.of("deb", "rpm"), path).contains("install fakeroot"));
        add("fakeroot");
        assertDoesNotThrow(() -> NeededPrograms.check(TargetSystem.Kind.LINUX, List.of("deb"), path));
        assertTrue(refusal(List.of("deb", "rpm"), path).startsWith("An .rpm is made with rpmbuild"));
        assertDoesNotThrow(() -> NeededPrograms.check(TargetSystem.Kind.WINDOWS, List.of("msi"), path));
    }

    private void add(String program) throws IOException {
        assertTrue(Files.createFile(folder.resolve(program)).toFile().setExecutable(true));
    }

    private static String refusal(List<String> types, String path) {
        return String.valueOf(
                assertThrows(IOException.class, () -> NeededPrograms.check(TargetSystem.Kind.LINUX, types, path))
                        .getMessage());
    }
}
