package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Backends;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.SnapshotPart;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.tensor.Backend;

/** Keys and values in the GPU's memory: as floats and as float16, kept in a snapshot, brought back, and grown. */
final class MetalCacheTest {
    private static final int BEFORE = 4;
    private static final int AFTER = 4;

    private static int[] write(CausalModel model, KvCache cache, int token, int count) {
        int[] tokens = new int[count];
        float[] best = new float[2];
        int next = token;
        for (int i = 0; i < count; i++) {
            model.forwardBest(new int[] {next}, cache, 1, best);
            next = (int) best[1];
            tokens[i] = next;
        }
        return tokens;
    }

    @ParameterizedTest
    @CsvSource({"qwen3_moe, false", "qwen3_moe, true", "deepseek_v3, false", "deepseek_v3, true"})
    void goesOnFromASnapshot(String name, boolean half) throws Exception {
        Simulator simulator = Simulator.with("check");
        try (GoldenFile golden = GoldenFile.open(name + "/golden-q4.safetensors");
                ModelFolder folder = ModelFolder.open(GoldenFile.path(name + "/mlx-q4"));
                MetalBackend backend = MetalBackend.open(half)) {
            int[] greedy = golden.ints("greedy_tokens");
            CausalModel model = folder.load(backend);
            KvCache cache = model.newCache();
            float[] best = new float[2];
            model.forwardBest(golden.ints("tokens"), cache, 1, best);
            assertEquals(greedy[0], (int) best[1]);
            assertArrayEquals(Arrays.copyOfRange(greedy, 1, 1 + BEFORE), write(model, cache, greedy[0], BEFORE));
            List<SnapshotPart> tables = new ArrayList<>();
            for (int i = 0; i < cache.tables(); i++) {
                tables.add(cache.copy(i, cache.length()));
            }
            KvCache restored = model.newCache();
            assertTrue(restored.restore(tables, cache.length()));
            for (int i = 0; i < cache.tables(); i++) {
                assertArrayEquals(
                        tables.get(i).values(), restored.copy(i, cache.length()).values());
            }
            int[] expected = Arrays.copyOfRange(greedy, 1 + BEFORE, 1 + BEFORE + AFTER);
            assertArrayEquals(expected, write(model, restored, greedy[BEFORE], AFTER));
            assertFalse(backend.gaveUp(), backend.description());
        }
        simulator.assertClean();
    }

    /** Rows are copied into a larger cache when one is full. */
    @Test
    void growsAsHalf() throws Exception {
        Simulator simulator = Simulator.with("check");
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("qwen3_moe/mlx-q4"));
                MetalBackend backend = MetalBackend.open(true)) {
            CausalModel model = folder.load(backend);
            KvCache cache = model.newCache();
            float[] best = new float[2];
            model.forwardBest(new int[250], cache, 1, best);
            SnapshotPart before = cache.copy(1, 250);
            model.forwardBest(new int[10], cache, 1, best);
            SnapshotPart after = cache.copy(1, 260);
            assertArrayEquals(before.values(), Arrays.copyOf(after.values(), before.values().length));
            assertFalse(backend.gaveUp(), backend.description());
        }
        simulator.assertClean();
    }

    /** What answers on the GPU keeps as many bytes as the plan of a token counts; what compares logits keeps floats. */
    @Test
    void answersWithHalfTheMemory() throws Exception {
        Simulator.with("");
        assertEquals(bytesPerPosition(BackendChoice.METAL_FLOAT), 2 * bytesPerPosition(BackendChoice.METAL));
    }

    private static long bytesPerPosition(BackendChoice choice) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("deepseek_v3/mlx-q4"));
                Backend backend = Backends.of(choice)) {
            return folder.load(backend).newCache().bytesPerPosition();
        }
    }
}
