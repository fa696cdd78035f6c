package studio.atelier.installers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorModuleTest {
    private static final List<String> MODULES = List.of("java.base", "jdk.incubator.vector", "jdk.localedata");

    @TempDir
    Path folder;

    /** What Java says of incubating modules is what keeps them out of the start-up cache. */
    @Test
    void theLinkedJavaNoLongerSaysThatTheModuleIsIncubating() throws Exception {
        Path java = folder.resolve("java");

        RuntimeImage.link(MODULES, java);

        assertTrue(versionOf(Path.of(System.getProperty("java.home"))).contains("incubator"), "a Java as it comes");
        assertFalse(versionOf(java).contains("incubator"), "the linked one");
        assertFalse(VectorModule.unmark(java), "there is a second mark");
    }

    private static String versionOf(Path java) throws Exception {
        Process process = new ProcessBuilder(
                        java.resolve("bin/java").toString(), "--add-modules=jdk.incubator.vector", "-version")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }
}
