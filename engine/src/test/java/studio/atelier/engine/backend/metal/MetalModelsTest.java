package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Logits;
import studio.atelier.engine.golden.GoldenFile;

/** Whole models through the Metal path in simulation, with every memory access checked, against the references' numbers. */
final class MetalModelsTest {
    private static final float TOLERANCE = 3e-4f;

    @ParameterizedTest(name = "{0} {1}, threads {3}")
    @CsvSource({
        "deepseek_v3, hf, golden, forward",
        "deepseek_v3, mlx-q4, golden-q4, shuffled",
        "deepseek_v3_bf16, hf, golden, backward",
        "deepseek_v3_bf16, mlx-q4, golden-q4, forward",
        "deepseek_v3_bf16, mlx-q4legacy, golden-q4legacy, shuffled",
        "deepseek_v3_noqlora, hf, golden, forward",
        "deepseek_v3_noqlora, mlx-q4, golden-q4, backward",
        "deepseek_v2, hf, golden, shuffled",
        "deepseek_v2, mlx-q4, golden-q4, forward",
        "qwen3_moe, hf, golden, forward",
        "qwen3_moe, mlx-q4, golden-q4, shuffled",
        "qwen3_moe, mlx-q8, golden-q8, backward",
        "qwen3_moe, mlx-mxfp4, golden-mxfp4, shuffled",
        "qwen3_moe, mlx-nvfp4, golden-nvfp4, forward",
        "llama, hf, golden, shuffled",
        "llama, mlx-q3, golden-q3, forward",
        "llama, mlx-q5g32, golden-q5g32, backward",
        "qwen3, hf, golden, shuffled",
        "mixtral, hf, golden, forward",
        "gpt_oss, hf, golden, shuffled",
        "gpt_oss, mlx-mxfp4, golden-mxfp4, backward",
    })
    void computesWhatMlxComputes(String model, String folder, String reference, String order) throws Exception {
        // Transcendental functions of a GPU are not those of the C library.
        Simulator simulator = Simulator.with("check,nudge=2,order=" + order);
        Path path = GoldenFile.path(model + "/" + folder);
        try (GoldenFile golden = GoldenFile.open(model + "/" + reference + ".safetensors")) {
            int[] greedy = golden.ints("greedy_tokens");
            float[] expected = golden.floats("logits");
            Logits got = Logits.compute(path, BackendChoice.METAL, golden.ints("tokens"), greedy.length);
            assertEquals(expected.length, got.logits().length);
            float largest = 0;
            for (int i = 0; i < expected.length; i++) {
                float difference = Math.abs(expected[i] - got.logits()[i]);
                largest = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(largest, difference);
            }
            assertTrue(largest <= TOLERANCE, "off by " + largest);
            assertArrayEquals(greedy, got.greedyTokens());
        }
        simulator.assertClean();
    }
}
