package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;

/**
 * How many bytes all threads allocate for a token that is written, once everything is warm: some 3 to 6 KB a layer, the
 * small objects around tensors; behind 512 positions, where attention is shared out in stretches, it is ten times that. The tensors' elements themselves are used again.
 */
final class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_TOKENS = 100;
    private static final int TOKENS = 100;

    @ParameterizedTest(name = "{0}: at most {1} bytes")
    @CsvSource({"qwen3_moe/mlx-q4, 16000", "deepseek_v2/mlx-q4, 16000", "deepseek_v3/mlx-q4, 16000"})
    @EnabledIfSystemProperty(
            named = "atelier.benchmark",
            matches = "true",
            disabledReason = "counts what compilers leave, so it waits for them: -Datelier.benchmark=true")
    void aTokenAllocatesLittle(String folderName, long mostBytes) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                CpuBackend backend = CpuBackend.fast(2)) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            TokenChoice choice = new TokenChoice(0.9, 0, 0.95, 0, 1, 0);
            Sampler sampler = new Sampler(choice, model.vocabularySize(), 3);
            int[] prompt = {5, 9, 77, 31, 4};
            Generator generator = new Generator(timeline, prompt, sampler, Set.of(), WARM_TOKENS + TOKENS + 10);
            write(generator, WARM_TOKENS);
            long before = allocatedBytes();
            write(generator, TOKENS);
            long each = (allocatedBytes() - before) / TOKENS;
            assertTrue(each <= mostBytes, each + " bytes a token");
        }
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
