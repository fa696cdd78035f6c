package studio.atelier.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Laid out once, whole, and again when the program brings another one. */
final class StarterModelTest {
    @TempDir
    Path data;

    private static InputStream version(String version, String file) {
        return new ByteArrayInputStream((file + " of version " + version).getBytes(StandardCharsets.UTF_8));
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Path layOut(String version) throws IOException {
        return StarterModel.layOut(data, file -> version(version, file));
    }

    private List<String> laidOut() throws IOException {
        try (Stream<Path> folders = Files.list(data.resolve("included"))) {
            return folders.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void liesThereWhole() throws Exception {
        Path folder = layOut("1");
        assertEquals("config.json of version 1", Files.readString(folder.resolve("config.json")));
        assertEquals("model.safetensors of version 1", Files.readString(folder.resolve("model.safetensors")));
        assertEquals(List.of(folder.getFileName().toString()), laidOut());
    }

    @Test
    void isLaidOutOnce() throws Exception {
        Path folder = layOut("1");
        Path weights = folder.resolve("model.safetensors");
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000));
        assertEquals(folder, layOut("1"));
        assertEquals(FileTime.fromMillis(1_000_000), Files.getLastModifiedTime(weights));
    }

    @Test
    void anotherVersionTakesItsPlace() throws Exception {
        Path old = layOut("1");
        Path fresh = layOut("2");
        assertNotEquals(old, fresh);
        assertEquals(List.of(fresh.getFileName().toString()), laidOut());
    }

    @Test
    void aFileThatWasCutShortIsLaidOutAgain() throws Exception {
        Path folder = layOut("1");
        Files.writeString(folder.resolve("tokenizer.json"), "tok");
        assertEquals(folder, layOut("1"));
        assertEquals("tokenizer.json of version 1", Files.readString(folder.resolve("tokenizer.json")));
    }

    @Test
    void whoComesAtTheSameMomentFindsItWholeToo() throws Exception {
        for (int round = 0; round < 10; round++) {
            Path fresh = data.resolve("fresh-" + round);
            CyclicBarrier together = new CyclicBarrier(4);
            List<Future<String>> comers = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
                for (int i = 0; i < 4; i++) {
                    // Each as a program of its own.
                    IncludedModel model = new IncludedModel("", List.of("config.json", "weights"), "starter-");
                    long slowness = i;
                    comers.add(threads.submit(() -> {
                        together.await();
                        Path folder = model.layOut(fresh, file -> {
                            pause(slowness);
                            return version("1", file);
                        });
                        long end = System.nanoTime() + 20_000_000;
                        String read = "";
                        while (System.nanoTime() < end) {
                            read = Files.readString(folder.resolve("weights"));
                        }
                        return read;
                    }));
                }
            }
            for (Future<String> comer : comers) {
                assertEquals("weights of version 1", comer.get());
            }
        }
    }

    @Test
    void whatAKilledProgramLeftIsRemovedOnceItIsOld() throws Exception {
        Path models = Files.createDirectories(data.resolve("included"));
        Path left = Files.createDirectory(models.resolve(".unfinished-123"));
        Files.writeString(left.resolve("config.json"), "half");
        Path running = Files.createDirectory(models.resolve(".unfinished-456"));
        Files.setLastModifiedTime(left, FileTime.fromMillis(1_000_000));
        layOut("1");
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(running));
    }

    @Test
    void aFailureLeavesNothingHalf() throws Exception {
        IOException failure = assertThrows(
                IOException.class,
                () -> StarterModel.layOut(data, file -> {
                    if (file.equals("model.safetensors")) {
                        throw new IOException("no space left");
                    }
                    return version("1", file);
                }));
        assertTrue(String.valueOf(failure.getMessage()).contains("no space left"), failure.getMessage());
        assertFalse(Files.exists(data.resolve("included")) && !laidOut().isEmpty());
    }
}
