package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;

/**
 * That a token which is written leaves nothing behind on the heap, not one byte, in plain loops: their source allocates
 * nothing, so that no compiler is waited for. The first answers load classes and link calls. What grows with the text is let
 * pass: the tables of the cache and the list of tokens get longer when they are full, here behind the tokens that are
 * counted. {@link AllocationTest} counts on the fast path.
 */
final class PlainAllocationTest {
    private static final int ANSWERS = 5;
    private static final int TOKENS = 30;
    /** Fewer wrong guesses than end guessing. */
    private static final int GUESSED_TOKENS = 8;

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "qwen3_moe/mlx-q4",
                "qwen3_moe/mlx-mxfp4",
                "deepseek_v2/mlx-q4",
                "deepseek_v3/mlx-q4",
                "deepseek_v3_noqlora/mlx-q4"
            })
    void aTokenAllocatesNothing(String folderName) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                CpuBackend backend = CpuBackend.scalar()) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            AllocatedBytes bytes = new AllocatedBytes();
            long least = Long.MAX_VALUE;
            for (int answer = 0; answer < ANSWERS; answer++) {
                Generator generator = AllocatedBytes.answer(timeline, model, 5, 2 * TOKENS);
                AllocatedBytes.write(generator, TOKENS);
                least = Math.min(least, bytes.of(generator, TOKENS));
            }
            assertEquals(0, least);
        }
    }

    @Test
    void aTokenWithADraftAllocatesNothing() throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("deepseek_v3/hf"));
                CpuBackend backend = CpuBackend.scalar()) {
            CausalModel model = folder.load(backend);
            Timeline timeline = new Timeline(model, model.maxPositions());
            AllocatedBytes bytes = new AllocatedBytes();
            long least = Long.MAX_VALUE;
            for (int answer = 0; answer < ANSWERS; answer++) {
                // Drafting begins anew with a text that begins otherwise.
                Generator generator = AllocatedBytes.answer(timeline, model, answer, 3 * GUESSED_TOKENS);
                AllocatedBytes.write(generator, GUESSED_TOKENS);
                int before = generator.draftedTokens();
                least = Math.min(least, bytes.of(generator, GUESSED_TOKENS));
                assertTrue(generator.draftedTokens() - before >= GUESSED_TOKENS / 2, "nothing was guessed");
            }
            assertEquals(0, least);
        }
    }
}
