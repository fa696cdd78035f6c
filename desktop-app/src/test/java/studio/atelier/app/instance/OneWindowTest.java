package studio.atelier.app.instance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OneWindowTest {
    @Test
    void laterOnesAreHeardAlsoBeforeTheWindowIsReady(@TempDir Path folder) throws Exception {
        assertFalse(OneWindow.tell(folder, List.of()), "nobody is there");
        BlockingQueue<List<String>> heard = new LinkedBlockingQueue<>();
        try (OneWindow first = OneWindow.claim(folder).orElseThrow()) {
            assertTrue(OneWindow.claim(folder).isEmpty());
            assertTrue(OneWindow.tell(folder, List.of()));
            first.listen(heard::add);
            assertEquals(List.of(), heard.poll(10, TimeUnit.SECONDS));
            assertTrue(OneWindow.tell(folder, List.of("atelier://models/a/b", "/tmp/模型.gguf")));
            assertEquals(List.of("atelier://models/a/b", "/tmp/模型.gguf"), heard.poll(10, TimeUnit.SECONDS));
        }
        assertFalse(OneWindow.tell(folder, List.of()));
        OneWindow.claim(folder).orElseThrow().close();
    }

    @Test
    void killedWindowLeavesTheFolderFree(@TempDir Path folder) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledClaim.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = process.inputReader()) {
            assertEquals("claimed", said.readLine());
            assertTrue(OneWindow.claim(folder).isEmpty());
            assertTrue(OneWindow.tell(folder, List.of("atelier://models/a/b")));
            assertEquals("[atelier://models/a/b]", said.readLine());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertTrue(Files.exists(folder.resolve("window.socket")), "the child closed in order");
        assertFalse(OneWindow.tell(folder, List.of()));
        try (OneWindow next = OneWindow.claim(folder).orElseThrow()) {
            next.listen(_ -> {});
            assertTrue(OneWindow.tell(folder, List.of()));
        }
    }

    @Test
    void folderWithALongNameHasAWindowThatCantBeReached(@TempDir Path folder) throws Exception {
        Path deep = Files.createDirectories(folder.resolve("x".repeat(120)));
        try (OneWindow window = OneWindow.claim(deep).orElseThrow()) {
            window.listen(_ -> {});
            assertFalse(OneWindow.tell(deep, List.of()));
            assertTrue(OneWindow.claim(deep).isEmpty());
        }
    }
}
