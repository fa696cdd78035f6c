package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;

/**
 * That a token which is written leaves nothing behind on the heap on the fast path either, once everything is warm: Java's
 * vectors are objects until they are compiled, by a compiler that has seen no other kernels. As in {@link
 * PlainAllocationTest}, caches do not grow meanwhile.
 */
final class AllocationTest {
    /** By then Java has compiled everything, also on a busy machine. */
    private static final int MOST_ANSWERS = 3000;
    /** Fewer positions than a cache has room for at first. */
    private static final int TOKENS = 100;

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"qwen3_moe/mlx-q4", "deepseek_v2/mlx-q4", "deepseek_v3/mlx-q4"})
    @EnabledIfSystemProperty(
            named = "atelier.benchmark",
            matches = "true",
            disabledReason =
                    "counts what compilers leave, so it waits for them, alone: -Dtest=AllocationTest -Datelier.benchmark=true")
    void aTokenAllocatesNothing(String folderName) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                CpuBackend backend = CpuBackend.fast(2)) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            AllocatedBytes bytes = new AllocatedBytes();
            long least = Long.MAX_VALUE;
            for (int answer = 0; answer < MOST_ANSWERS && least > 0; answer++) {
                Generator generator = AllocatedBytes.answer(timeline, model, 5, 2 * TOKENS + 10);
                AllocatedBytes.write(generator, TOKENS);
                least = Math.min(least, bytes.of(generator, TOKENS));
            }
            assertEquals(0, least);
        }
    }
}
