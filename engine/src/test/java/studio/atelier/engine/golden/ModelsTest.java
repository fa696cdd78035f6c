package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Logits;

/**
 * Whole models against mlx-lm 0.32 in float32, and against a float64 model in numpy (see {@code src/test/reference}) where
 * mlx-lm's numbers are not at hand: logits of one pass, then greedy tokens with the KV cache.
 */
final class ModelsTest {
    /** mlx-lm itself differs from a float64 model by up to 5.6e-5. */
    private static final float TOLERANCE = 3e-4f;

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "deepseek_v3, hf, golden",
        "deepseek_v3, mlx-q4, golden-q4",
        "deepseek_v3_bf16, hf, golden",
        "deepseek_v3_bf16, mlx-q4, golden-q4",
        "deepseek_v3_bf16, mlx-q4legacy, golden-q4legacy",
        "deepseek_v3_noqlora, hf, golden",
        "deepseek_v3_noqlora, mlx-q4, golden-q4",
        "deepseek_v2, hf, golden",
        "deepseek_v2, mlx-q4, golden-q4",
        "qwen3_moe, hf, golden",
        "qwen3_moe, mlx-q4, golden-q4",
        "qwen3_moe, mlx-q8, golden-q8",
        "qwen3_moe, mlx-mxfp4, golden-mxfp4",
        "qwen3_moe, mlx-nvfp4, golden-nvfp4",
        "llama, hf, golden",
        "llama, mlx-q3, golden-q3",
        "llama, mlx-q5g32, golden-q5g32",
        "qwen3, hf, golden",
        "mixtral, hf, golden",
        "gpt_oss, hf, golden",
        "gpt_oss, mlx-mxfp4, golden-mxfp4",
    })
    void computesWhatTheReferenceComputes(String model, String folder, String reference) throws Exception {
        Path path = GoldenFile.path(model + "/" + folder);
        try (GoldenFile golden = GoldenFile.open(model + "/" + reference + ".safetensors")) {
            int[] tokens = golden.ints("tokens");
            int[] greedy = golden.ints("greedy_tokens");
            float[] expected = golden.floats("logits");
            for (BackendChoice backend : new BackendChoice[] {BackendChoice.SCALAR, BackendChoice.CPU}) {
                Logits got = Logits.compute(path, backend, tokens, greedy.length);
                assertEquals(expected.length, got.logits().length);
                assertTrue(
                        largestDifference(expected, got.logits()) <= TOLERANCE,
                        () -> backend + ": off by " + largestDifference(expected, got.logits()));
                assertArrayEquals(greedy, got.greedyTokens(), backend.toString());
            }
        }
    }

    private static float largestDifference(float[] expected, float[] got) {
        float largest = 0;
        for (int i = 0; i < expected.length; i++) {
            float difference = Math.abs(expected[i] - got[i]);
            largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }
}
