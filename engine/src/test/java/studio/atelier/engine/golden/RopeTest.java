package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.nn.RopeScaling;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/** Rotary positions against mlx 0.32, whose angles are float32: the tolerance grows with the position. */
final class RopeTest {
    private static final int HEADS = 2;
    private static final int LENGTH = 5;
    private static final int SIZE = 64;

    private static RopeScaling scaling(String name) {
        return switch (name) {
            case "ds_yarn" -> new RopeScaling.Yarn(40, 32, 1, 4096, 1, 1, true);
            case "yarn_msc" -> new RopeScaling.Yarn(40, 32, 1, 4096, 0.707, 0.5, true);
            case "gptoss_yarn" -> new RopeScaling.Yarn(32, 32, 1, 4096, 1, 0, true);
            case "llama3" -> new RopeScaling.Llama3(8, 1, 4, 8192);
            default -> new RopeScaling.None();
        };
    }

    @ParameterizedTest(name = "{0} at {3}")
    @CsvSource({
        "ds_yarn, 10000, INTERLEAVED, 0, 2e-6",
        "ds_yarn, 10000, INTERLEAVED, 3, 2e-6",
        "ds_yarn, 10000, INTERLEAVED, 1000, 2e-4",
        "ds_yarn, 10000, INTERLEAVED, 20000, 3e-3",
        "yarn_msc, 10000, INTERLEAVED, 3, 2e-6",
        "yarn_msc, 10000, INTERLEAVED, 1000, 2e-4",
        "default_half, 1000000, HALVES, 3, 2e-6",
        "default_half, 1000000, HALVES, 1000, 2e-4",
        "default_inter, 10000, INTERLEAVED, 3, 2e-6",
        "default_inter, 10000, INTERLEAVED, 20000, 3e-3",
        "llama3, 500000, HALVES, 3, 2e-6",
        "llama3, 500000, HALVES, 1000, 2e-4",
        "llama3, 500000, HALVES, 20000, 3e-3",
        "gptoss_yarn, 150000, HALVES, 0, 2e-6",
        "gptoss_yarn, 150000, HALVES, 3, 2e-6",
        "gptoss_yarn, 150000, HALVES, 1000, 2e-4",
    })
    void turnsAsMlxDoes(String name, double theta, Rope.Pairing pairing, int position, float tolerance)
            throws Exception {
        try (GoldenFile golden = GoldenFile.open("ops/rope.safetensors");
                CpuBackend backend = CpuBackend.scalar()) {
            Rope rope = scaling(name).rope(theta, SIZE, pairing);
            Tensor x = backend.upload(Shape.of(LENGTH, HEADS, SIZE), headsLast(golden.floats("x")));
            backend.rotate(x, rope, position);
            float[] got = new float[LENGTH * HEADS * SIZE];
            x.copyTo(got);
            float[] expected = headsLast(golden.floats(name + ".off" + position));
            for (int i = 0; i < got.length; i++) {
                assertEquals(expected[i], got[i], tolerance * Math.max(1, Math.abs(expected[i])));
            }
        }
    }

    /** From {@code [1, H, L, D]} to {@code [L, H, D]}. */
    private static float[] headsLast(float[] x) {
        float[] turned = new float[x.length];
        for (int h = 0; h < HEADS; h++) {
            for (int l = 0; l < LENGTH; l++) {
                System.arraycopy(x, (h * LENGTH + l) * SIZE, turned, (l * HEADS + h) * SIZE, SIZE);
            }
        }
        return turned;
    }
}
