package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversations that outlive the engine: read from the disk, and as good as read anew. */
final class SnapshotsTest {
    private static final String PROMPT =
            "What does a mixture of experts do, and why are most of them asleep? ".repeat(5);
    private static final int TOKENS = 20;

    @TempDir
    private Path folder;

    private Path cache() {
        return folder.resolve("cache");
    }

    private Engine open(Path model, BackendChoice backend, long mostBytes) throws EngineException {
        EngineOptions options =
                EngineOptions.defaults().withBackend(backend).withSnapshots(new SnapshotFolder(cache(), mostBytes));
        return Engine.open(model, options, _ -> {});
    }

    private Engine open(Path model) throws EngineException {
        return open(model, BackendChoice.CPU, 1 << 30);
    }

    private static Heard ask(Engine engine, String prompt) throws InterruptedException {
        Heard heard = new Heard();
        try (Session session = engine.newSession()) {
            session.generate(GenerationRequest.raw(prompt, Sampling.greedy(), TOKENS), heard);
            return heard.await();
        }
    }

    private List<Path> files() throws Exception {
        try (Stream<Path> files = Files.list(cache())) {
            return files.sorted().toList();
        }
    }

    private Path tiny(String golden) throws Exception {
        return TinyModel.layOut(folder.resolve(golden.replace('/', '-')), golden, 320);
    }

    /** Where the model drafts, one token is read again for its hidden state. */
    @ParameterizedTest(name = "{0} on {1}")
    @CsvSource({
        "deepseek_v3/hf, CPU, 1",
        "deepseek_v3/mlx-q4, CPU, 0",
        "deepseek_v3/mlx-q4, CPU_FLOAT, 0",
        "qwen3_moe/mlx-q4, CPU, 0",
    })
    void aConversationIsNotReadAgainAfterARestart(String golden, BackendChoice backend, int again) throws Exception {
        Path model = tiny(golden);
        int read;
        try (Engine before = open(model, backend, 1 << 30)) {
            Heard first = ask(before, PROMPT);
            assertEquals(0, first.statistics().reusedTokens());
            read = first.statistics().promptTokens();
        }
        assertEquals(1, files().size(), files().toString());
        String second = PROMPT + "And then, what comes after that?";
        try (Engine after = open(model, backend, 1 << 30)) {
            Heard continued = ask(after, second);
            assertEquals(read - again, continued.statistics().reusedTokens());
            try (Engine fresh = Engine.open(model, EngineOptions.defaults().withBackend(backend), _ -> {});
                    Session session = fresh.newSession()) {
                // The same way in the same pieces, so that rounding is the same.
                Heard warm = new Heard();
                session.generate(GenerationRequest.raw(PROMPT, Sampling.greedy(), TOKENS), warm);
                warm.await();
                Heard expected = new Heard();
                session.generate(GenerationRequest.raw(second, Sampling.greedy(), TOKENS), expected);
                assertEquals(expected.await().text(), continued.text());
                assertEquals(read - again, expected.statistics().reusedTokens());
            }
        }
        assertEquals(2, files().size(), "after the prompt they differ");
    }

    /** What was kept in another kind of cache is read anew, and beside it what was kept in the same is used. */
    @Test
    void anEightBitCacheUsesItsOwnSnapshotsAlone() throws Exception {
        Path model = tiny("qwen3_moe/mlx-q4");
        int read;
        try (Engine half = open(model)) {
            read = ask(half, PROMPT).statistics().promptTokens();
        }
        EngineOptions eight = EngineOptions.defaults()
                .withBackend(BackendChoice.CPU)
                .withCache(CacheChoice.EIGHT_BIT)
                .withSnapshots(new SnapshotFolder(cache(), 1 << 30));
        String first;
        try (Engine engine = Engine.open(model, eight, _ -> {})) {
            Heard heard = ask(engine, PROMPT);
            assertEquals(0, heard.statistics().reusedTokens());
            first = heard.text();
        }
        try (Engine engine = Engine.open(model, eight, _ -> {})) {
            Heard again = ask(engine, PROMPT + first);
            assertTrue(
                    again.statistics().reusedTokens() >= read,
                    again.statistics().toString());
        }
    }

    @Test
    void aLongerConversationReplacesItsBeginning() throws Exception {
        Path model = tiny("qwen3_moe/mlx-q4");
        String text = PROMPT;
        for (int i = 0; i < 3; i++) {
            try (Engine engine = open(model);
                    Session session = engine.newSession()) {
                Heard heard = new Heard();
                session.generate(GenerationRequest.raw(text, Sampling.greedy(), 1), heard);
                int read = heard.await().statistics().promptTokens();
                assertEquals(i == 0 ? 0 : read - 70, heard.statistics().reusedTokens());
            }
            assertEquals(1, files().size(), files().toString());
            text += "x".repeat(70);
        }
    }

    @Test
    void whatIsDamagedOrForeignIsRemovedAndReadAnew() throws Exception {
        Path model = tiny("qwen3_moe/mlx-q4");
        String text;
        try (Engine before = open(model)) {
            text = ask(before, PROMPT).text();
        }
        Path whole = files().getFirst();
        byte[] bytes = Files.readAllBytes(whole);
        for (int place : new int[] {3, 20, 60, bytes.length / 2, bytes.length - 3}) {
            byte[] damaged = bytes.clone();
            damaged[place] ^= 0x10;
            checkRemoved(model, whole, damaged, text);
        }
        checkRemoved(model, whole, java.util.Arrays.copyOf(bytes, bytes.length - 40), text);
        checkRemoved(model, whole, new byte[0], text);
        checkRemoved(
                model, whole, "no snapshot at all, but a longer text".repeat(20).getBytes(), text);
        Files.write(whole, bytes);
        try (Engine engine = open(model)) {
            assertTrue(ask(engine, PROMPT).statistics().reusedTokens() > 0, "the whole file is good");
        }
    }

    private void checkRemoved(Path model, Path file, byte[] bytes, String text) throws Exception {
        for (Path each : files()) {
            Files.delete(each);
        }
        Files.write(file, bytes);
        try (Engine engine = open(model)) {
            Heard heard = ask(engine, PROMPT);
            assertEquals(0, heard.statistics().reusedTokens());
            assertEquals(text, heard.text());
            assertFalse(Files.exists(file) && java.util.Arrays.equals(bytes, Files.readAllBytes(file)));
        }
    }

    @Test
    void anotherModelsSnapshotsAreNotUsed() throws Exception {
        try (Engine one = open(tiny("deepseek_v3/hf"))) {
            ask(one, PROMPT);
        }
        Path other = tiny("deepseek_v3_bf16/hf");
        try (Engine two = open(other)) {
            assertEquals(0, ask(two, PROMPT).statistics().reusedTokens());
        }
        assertEquals(2, files().size(), "each keeps its own");
        Files.setLastModifiedTime(
                other.resolve("config.json"), FileTime.from(Instant.now().plusSeconds(60)));
        try (Engine changed = open(other)) {
            assertEquals(0, ask(changed, PROMPT).statistics().reusedTokens(), "the folder was changed");
        }
    }

    @Test
    void whatWasNotUsedLongestGoesFirst() throws Exception {
        Path model = tiny("qwen3_moe/mlx-q4");
        List<String> prompts = List.of("a" + PROMPT, "b" + PROMPT, "c" + PROMPT);
        long size;
        try (Engine engine = open(model)) {
            ask(engine, prompts.get(0));
        }
        size = Files.size(files().getFirst());
        try (Engine engine = open(model)) {
            ask(engine, prompts.get(1));
        }
        assertEquals(2, files().size());
        age();
        try (Engine engine = open(model, BackendChoice.CPU, size * 5 / 2)) {
            // Used again, the first is younger than the second when the third comes.
            assertTrue(ask(engine, prompts.get(0)).statistics().reusedTokens() > 0);
            ask(engine, prompts.get(2));
        }
        assertEquals(2, files().size());
        try (Engine engine = open(model)) {
            assertTrue(ask(engine, prompts.get(0)).statistics().reusedTokens() > 0);
            assertTrue(ask(engine, prompts.get(2)).statistics().reusedTokens() > 0);
            assertEquals(0, ask(engine, prompts.get(1)).statistics().reusedTokens());
        }
    }

    private void age() throws Exception {
        for (Path file : files()) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
        }
    }
}
