package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.tensor.Backend;

/** Whole models of 4 and 8 bits with 8-bit activations beside the golden logits: how much the fast path gives up. */
final class FastPathTest {
    /**
     * Root mean square of the error of a position's logits, relative to that of its logits, for the best quarter of
     * positions. The mean says little: where two experts are nearly as good, rounding decides, and in these small random
     * models another expert is another answer, for that position and all that look at it.
     */
    private static final double TOLERANCE = 0.06;

    private static final double TOLERANCE_WITH_CONTEXT = 0.25;
    private static final double TOLERANCE_OF_CACHE = 0.03;

    @ParameterizedTest
    @CsvSource({
        "deepseek_v3, mlx-q4, golden-q4",
        "deepseek_v3_noqlora, mlx-q4, golden-q4",
        "deepseek_v2, mlx-q4, golden-q4",
        "qwen3_moe, mlx-q4, golden-q4",
        "qwen3_moe, mlx-q8, golden-q8",
        "qwen3_moe, mlx-mxfp4, golden-mxfp4",
        "gpt_oss, mlx-mxfp4, golden-mxfp4",
    })
    void staysNearTheGoldenLogits(String model, String folder, String reference) throws Exception {
        Path path = GoldenFile.path(model + "/" + folder);
        try (GoldenFile golden = GoldenFile.open(model + "/" + reference + ".safetensors");
                Backend fast = CpuBackend.fast(2);
                Backend exact = CpuBackend.vectorized(2)) {
            int[] tokens = golden.ints("tokens");
            float[] expected = golden.floats("logits");
            float[] got = Logits.compute(path, fast, tokens, 1).logits();
            double error = lowerQuartile(expected, got, tokens.length);
            assertTrue(error <= TOLERANCE_WITH_CONTEXT, model + ": " + error);
            assertNotEquals(0, error(Logits.compute(path, exact, tokens, 1).logits(), got), "took the float path");
            // One position at a time goes through other kernels.
            int count = Math.min(16, tokens.length);
            int size = expected.length / tokens.length;
            float[] wanted = new float[count * size];
            float[] ones = new float[count * size];
            for (int i = 0; i < count; i++) {
                int[] token = {tokens[i]};
                System.arraycopy(Logits.compute(path, exact, token, 1).logits(), 0, wanted, i * size, size);
                System.arraycopy(Logits.compute(path, fast, token, 1).logits(), 0, ones, i * size, size);
            }
            double alone = lowerQuartile(wanted, ones, count);
            assertTrue(alone <= TOLERANCE, model + ": " + alone);
            System.out.printf(
                    "%s: 8-bit activations change logits by %.3f in a prompt, by %.3f alone%n",
                    model + " " + folder, error, alone);
        }
    }

    /** How much a cache of 8 bits changes: alone, all else in floats, and on the fast path beside one in bfloat16. */
    @ParameterizedTest
    @CsvSource({
        "deepseek_v3, mlx-q4, golden-q4",
        "deepseek_v2, mlx-q4, golden-q4",
        "qwen3_moe, mlx-q8, golden-q8",
        "gpt_oss, mlx-mxfp4, golden-mxfp4",
    })
    void anEightBitCacheStaysNear(String model, String folder, String reference) throws Exception {
        Path path = GoldenFile.path(model + "/" + folder);
        try (GoldenFile golden = GoldenFile.open(model + "/" + reference + ".safetensors");
                Backend exact = CpuBackend.vectorized(2).withEightBitCache();
                Backend half = CpuBackend.fast(2);
                Backend eight = CpuBackend.fast(2).withEightBitCache()) {
            int[] tokens = golden.ints("tokens");
            double alone = cacheError(golden.floats("logits"), path, exact, tokens);
            double fast = cacheError(Logits.compute(path, half, tokens, 4).logits(), path, eight, tokens);
            System.out.printf(
                    "%s %s: an 8-bit cache changes logits by %.4f, on the fast path by %.4f%n",
                    model, folder, alone, fast);
            assertTrue(alone > 1e-4, "took another cache: " + alone);
            assertTrue(alone <= TOLERANCE_OF_CACHE, model + ": " + alone);
            assertTrue(fast <= TOLERANCE_WITH_CONTEXT, model + ": " + fast);
        }
    }

    private static double cacheError(float[] expected, Path path, Backend backend, int[] tokens) throws Exception {
        return lowerQuartile(expected, Logits.compute(path, backend, tokens, 4).logits(), tokens.length);
    }

    private static double lowerQuartile(float[] expected, float[] got, int positions) {
        int size = expected.length / positions;
        double[] errors = new double[positions];
        for (int i = 0; i < positions; i++) {
            errors[i] = error(
                    Arrays.copyOfRange(expected, i * size, (i + 1) * size),
                    Arrays.copyOfRange(got, i * size, (i + 1) * size));
        }
        Arrays.sort(errors);
        return errors[positions / 4];
    }

    private static double error(float[] expected, float[] got) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(expected[i] - got[i], 2);
            size += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / size);
    }
}
