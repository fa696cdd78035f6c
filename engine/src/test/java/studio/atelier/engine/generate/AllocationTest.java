package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;

/**
 * How many bytes all threads allocate for a token that is written, once everything is warm and while the cache need not
 * grow: the token's own event and who may look at whom, some 40 bytes. Everything else is used again.
 */
final class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MOST_BYTES = 64;
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
    void aTokenAllocatesNextToNothing(String folderName) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                CpuBackend backend = CpuBackend.fast(2)) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            long least = Long.MAX_VALUE;
            for (int answer = 0; answer < MOST_ANSWERS && least > MOST_BYTES; answer++) {
                Generator generator = answer(timeline, model);
                write(generator, TOKENS);
                long before = allocatedBytes();
                write(generator, TOKENS);
                least = Math.min(least, (allocatedBytes() - before) / TOKENS);
            }
            assertTrue(least <= MOST_BYTES, least + " bytes a token");
        }
    }

    private static Generator answer(Timeline timeline, CausalModel model) {
        TokenChoice choice = new TokenChoice(0.9, 0, 0.95, 0, 1, 0);
        Sampler sampler = new Sampler(choice, model.vocabularySize(), 3);
        return new Generator(timeline, new int[] {5, 9, 77, 31, 4}, sampler, Set.of(), 2 * TOKENS + 10);
    }

    private static void write(Generator generator, int tokens) {
        int written = 0;
        while (written < tokens) {
            written += generator.step() instanceof Generator.Step.Token ? 1 : 0;
        }
    }

    private static long allocatedBytes() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }
}
