package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Backends;
import studio.atelier.engine.Logits;
import studio.atelier.engine.golden.DraftGolden;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.tensor.Backend;

/** Whole models through the Metal path in simulation, with every memory access checked, against the references' numbers. */
final class MetalModelsTest {
    private static final float TOLERANCE = 3e-4f;

    /**
     * A model's folder, what its numbers are compared with, and the order in which threads run.
     *
     * @param reference the file without its ending
     */
    record Run(String model, String folder, String reference, String order) {
        @Override
        public String toString() {
            return model + "/" + folder + ", threads " + order;
        }
    }

    static List<Run> runs() {
        return List.of(
                new Run("deepseek_v3", "hf", "golden", "forward"),
                new Run("deepseek_v3", "mlx-q4", "golden-q4", "shuffled"),
                new Run("deepseek_v3_bf16", "hf", "golden", "backward"),
                new Run("deepseek_v3_bf16", "mlx-q4", "golden-q4", "forward"),
                new Run("deepseek_v3_bf16", "mlx-q4legacy", "golden-q4legacy", "shuffled"),
                new Run("deepseek_v3_noqlora", "hf", "golden", "forward"),
                new Run("deepseek_v3_noqlora", "mlx-q4", "golden-q4", "backward"),
                new Run("deepseek_v2", "hf", "golden", "shuffled"),
                new Run("deepseek_v2", "mlx-q4", "golden-q4", "forward"),
                new Run("qwen3_moe", "hf", "golden", "forward"),
                new Run("qwen3_moe", "mlx-q4", "golden-q4", "shuffled"),
                new Run("qwen3_moe", "mlx-q8", "golden-q8", "backward"),
                new Run("qwen3_moe", "mlx-mxfp4", "golden-mxfp4", "shuffled"),
                new Run("qwen3_moe", "mlx-nvfp4", "golden-nvfp4", "forward"),
                new Run("llama", "hf", "golden", "shuffled"),
                new Run("llama", "mlx-q3", "golden-q3", "forward"),
                new Run("llama", "mlx-q5g32", "golden-q5g32", "backward"),
                new Run("qwen3", "hf", "golden", "shuffled"),
                new Run("mixtral", "hf", "golden", "forward"),
                new Run("gpt_oss", "hf", "golden", "shuffled"),
                new Run("gpt_oss", "mlx-mxfp4", "golden-mxfp4", "backward"));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void computesWhatMlxComputes(Run run) throws Exception {
        // Transcendental functions of a GPU are not those of the C library.
        Simulator simulator = Simulator.with("check,nudge=2,order=" + run.order());
        Path path = GoldenFile.path(run.model() + "/" + run.folder());
        try (GoldenFile golden = GoldenFile.open(run.model() + "/" + run.reference() + ".safetensors")) {
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

    /** The layer that guesses: rows that it only remembers, then two with a guess behind the last. */
    @Test
    void guessesWhatTheReferenceGuesses() throws Exception {
        Simulator simulator = Simulator.with("check,nudge=2,order=shuffled");
        try (Backend backend = Backends.of(BackendChoice.METAL_FLOAT);
                DraftGolden golden = new DraftGolden(backend)) {
            golden.remember(3);
            golden.guess(2);
            golden.guess(1);
        }
        simulator.assertClean();
    }
}
