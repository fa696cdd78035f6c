package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.tensor.Backend;

/**
 * That a token which is written leaves nothing behind on the heap, not one byte. What grows with the text is let pass:
 * the tables of the cache and the list of tokens double when they are full, here behind the tokens that are counted.
 */
final class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** By then Java has compiled everything, also on a busy machine. */
    private static final int MOST_ANSWERS = 3000;
    /** Fewer positions than a cache has room for at first. */
    private static final int TOKENS = 100;

    /**
     * Plain loops, whose source allocates nothing: so it needs no compiler, and nothing but a thread's own counter. The
     * first answers load classes and link calls.
     */
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "qwen3_moe/mlx-q4",
                "qwen3_moe/mlx-mxfp4",
                "deepseek_v2/mlx-q4",
                "deepseek_v3/mlx-q4",
                "deepseek_v3_noqlora/mlx-q4"
            })
    void aTokenAllocatesNothingInPlainLoops(String folderName) throws Exception {
        assertEquals(0, leastBytes(folderName, CpuBackend.scalar(), 5, 30));
    }

    /** With guesses of the model's own drafting layer, too few for guessing to be judged and stopped. */
    @Test
    void aTokenWithADraftAllocatesNothing() throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("deepseek_v3/hf"));
                CpuBackend backend = CpuBackend.scalar()) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            long[] threads = engineThreads();
            long least = Long.MAX_VALUE;
            for (int answer = 0; answer < 5; answer++) {
                // Drafting begins anew with a text that begins otherwise.
                Generator generator = answer(timeline, model, answer, 30);
                write(generator, 8);
                int before = generator.draftedTokens();
                long bytes = allocatedBytes(threads);
                write(generator, 8);
                least = Math.min(least, allocatedBytes(threads) - bytes);
                assertTrue(generator.draftedTokens() - before >= 4, "nothing was guessed");
            }
            assertEquals(0, least);
        }
    }

    /** As people use it: where Java's vectors stand in for memory, only compiled code leaves none of them behind. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"qwen3_moe/mlx-q4", "deepseek_v2/mlx-q4", "deepseek_v3/mlx-q4"})
    @EnabledIfSystemProperty(
            named = "atelier.benchmark",
            matches = "true",
            disabledReason =
                    "counts what compilers leave, so it waits for them, alone: -Dtest=AllocationTest -Datelier.benchmark=true")
    void aTokenAllocatesNothingOnTheFastPath(String folderName) throws Exception {
        assertEquals(0, leastBytes(folderName, CpuBackend.fast(2), MOST_ANSWERS, TOKENS));
    }

    /** Bytes that so many tokens took, of the answer that took the least. */
    private static long leastBytes(String folderName, Backend backend, int mostAnswers, int tokens) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                backend) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            long[] threads = engineThreads();
            long least = Long.MAX_VALUE;
            for (int answer = 0; answer < mostAnswers && least > 0; answer++) {
                Generator generator = answer(timeline, model, 5, 2 * tokens);
                write(generator, tokens);
                long before = allocatedBytes(threads);
                write(generator, tokens);
                least = Math.min(least, allocatedBytes(threads) - before);
            }
            return least;
        }
    }

    private static Generator answer(Timeline timeline, CausalModel model, int first, int tokens) {
        TokenChoice choice = new TokenChoice(0.9, 0, 0.95, 0, 1, 0);
        Sampler sampler = new Sampler(choice, model.vocabularySize(), 3);
        return new Generator(timeline, new int[] {first, 9, 77, 31, 4}, sampler, Set.of(), tokens + 10);
    }

    private static void write(Generator generator, int tokens) {
        int written = 0;
        while (written < tokens) {
            written += generator.step() instanceof Generator.Step.Token ? 1 : 0;
        }
    }

    /** This thread, which stands for the engine's, and the backend's helpers. */
    private static long[] engineThreads() {
        Thread here = Thread.currentThread();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread == here || thread.getName().startsWith("atelier-cpu-"))
                .mapToLong(Thread::threadId)
                .toArray();
    }

    /** Asking takes no memory itself. */
    private static long allocatedBytes(long[] threads) {
        long sum = 0;
        for (long thread : threads) {
            sum += THREADS.getThreadAllocatedBytes(thread);
        }
        return sum;
    }
}
