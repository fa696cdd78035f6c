package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;

/** What goes wrong with a GPU: the answer is the same, or a sentence says why there is none. */
final class MetalFaultsTest {
    private static final String MODEL = "qwen3_moe";

    /** What one answer was made with. */
    private record Answer(int[] tokens, boolean gaveUp, String description) {}

    private static Answer answer(int count) throws Exception {
        return answer(count, MetalOptions.EXACT);
    }

    private static Answer answer(int count, MetalOptions options) throws Exception {
        Path path = GoldenFile.path(MODEL + "/mlx-q4");
        try (GoldenFile golden = GoldenFile.open(MODEL + "/golden-q4.safetensors");
                ModelFolder folder = ModelFolder.open(path);
                MetalBackend backend = MetalBackend.open(options)) {
            CausalModel model = folder.load(backend);
            KvCache cache = model.newCache();
            float[] logits = new float[model.vocabularySize()];
            int[] tokens = new int[count];
            int[] next = golden.ints("tokens");
            for (int i = 0; i < count; i++) {
                model.forward(next, cache, LogitRows.LAST, logits);
                tokens[i] = Sampler.likeliest(logits);
                next = new int[] {tokens[i]};
            }
            return new Answer(tokens, backend.gaveUp(), backend.description());
        }
    }

    private static int[] expected(int count) throws Exception {
        try (GoldenFile golden = GoldenFile.open(MODEL + "/golden-q4.safetensors")) {
            return java.util.Arrays.copyOf(golden.ints("greedy_tokens"), count);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // One failure: the queue is made anew and the same work handed over again.
        "fault=error:0, false",
        "fault=error:5, false",
        // It keeps failing, in the middle of the answer or from the start: the processor goes on.
        "fault=errors:4, true",
        "fault=errors:0, true",
    })
    void goesOnAfterErrors(String fault, boolean givesUp) throws Exception {
        Simulator.with(fault);
        Answer answer = answer(5);
        assertArrayEquals(expected(5), answer.tokens());
        assertEquals(givesUp, answer.gaveUp(), answer.description());
        if (givesUp) {
            assertTrue(answer.description().contains("Impacting Interactivity"), answer.description());
        }
    }

    @Test
    void doesNotWaitForEver() throws Exception {
        Simulator.with("fault=hang:3");
        Answer answer = answer(4, MetalOptions.EXACT.withDeadline(Simulator.DEADLINE));
        assertArrayEquals(expected(4), answer.tokens());
        assertFalse(answer.gaveUp(), answer.description());
    }

    @ParameterizedTest
    @CsvSource({
        "fault=device, no GPU",
        "fault=library, compiler refused",
        "profile=width64, works in groups of 64",
        "fault=buffer, no buffer of",
    })
    void saysWhyItCannot(String fault, String expected) throws Exception {
        Simulator.with(fault);
        if (fault.equals("profile=width64")) {
            assertTrue(answer(1).description().contains(expected));
            return;
        }
        EngineException refusal = assertThrows(EngineException.class, () -> answer(1));
        assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"profile=small", "profile=paravirtual", "profile=macos14"})
    void takesDevicesAsTheyAre(String profile) throws Exception {
        Simulator simulator = Simulator.with("check," + profile);
        Answer answer = answer(3);
        assertArrayEquals(expected(3), answer.tokens());
        assertFalse(answer.gaveUp(), answer.description());
        simulator.assertClean();
    }

    @Test
    void storesKeysAndValuesAsHalf() throws Exception {
        Simulator simulator = Simulator.with("check");
        assertArrayEquals(
                expected(4), answer(4, MetalOptions.EXACT.withHalfCache(true)).tokens());
        simulator.assertClean();
    }

    /** What the GPU kept as half goes on as floats on the processor. */
    @Test
    void goesOnFromHalfTheCache() throws Exception {
        Simulator.with("fault=errors:4");
        Answer answer = answer(5, MetalOptions.EXACT.withHalfCache(true));
        assertArrayEquals(expected(5), answer.tokens());
        assertTrue(answer.gaveUp(), answer.description());
    }

    @Test
    void namesTheLimitAndTheWayOut() throws Exception {
        Budget budget = new Budget(107L << 30);
        budget.require(100_000_000_000L);
        EngineException refusal = assertThrows(EngineException.class, () -> budget.require(404_000_000_000L));
        assertEquals(EngineException.Reason.MEMORY_TOO_SMALL, refusal.reason());
        assertTrue(refusal.getMessage().contains("404.0 GB"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("sudo sysctl iogpu.wired_limit_mb=387333"), refusal.getMessage());
    }
}
