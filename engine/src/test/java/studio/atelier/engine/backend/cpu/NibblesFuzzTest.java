package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.GuardedMemory;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/**
 * Emitted kernels on weights of random shapes between guard pages, with zeros, denormals, infinities and NaN among scales
 * and activations, beside plain loops. A read outside the tensor ends the test's whole process.
 */
final class NibblesFuzzTest {
    private static final int ROUNDS = 250;
    private static final float[] SCALES = {0, -0f, 1e-40f, -1e-39f, 1.2e-38f, 0.01f, -1, 3, 1e4f};
    private static final float[] RARE = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};

    @ParameterizedTest
    @EnumSource(InstructionSet.class)
    void equalsPlainLoopsAndStaysInside(InstructionSet set) throws Exception {
        assumeTrue(EmittedKernels.setsOfThisMachine().contains(set), "this processor does not have it");
        try (EmittedKernels kernels = EmittedKernels.of(set)) {
            EmittedNibbles nibbles = new EmittedNibbles(kernels, 1);
            for (int round = 0; round < ROUNDS; round++) {
                round(nibbles, new Random(round), round);
            }
        }
    }

    private static void round(EmittedNibbles nibbles, Random random, int round) throws Exception {
        int rows = 1 + random.nextInt(40);
        int groups = 1 + random.nextInt(20);
        int tokens = 1 + random.nextInt(14);
        DType type = new DType[] {DType.BF16, DType.F16, DType.F32}[random.nextInt(3)];
        boolean rare = random.nextInt(4) == 0;
        boolean atEnd = random.nextBoolean();
        long scaleBytes = (long) rows * groups * type.sizeBytes();
        try (GuardedMemory values = GuardedMemory.of(32L * rows * groups, atEnd);
                GuardedMemory scales = GuardedMemory.of(scaleBytes, atEnd);
                GuardedMemory biases = GuardedMemory.of(scaleBytes, atEnd)) {
            byte[] codes = new byte[32 * rows * groups];
            random.nextBytes(codes);
            MemorySegment.copy(codes, 0, values.bytes(), ValueLayout.JAVA_BYTE, 0, codes.length);
            for (int i = 0; i < rows * groups; i++) {
                NibblesTest.put(scales.bytes(), type, i, number(random, rare, rows * groups));
                NibblesTest.put(biases.bytes(), type, i, number(random, rare, rows * groups));
            }
            Weight weight = new Weight(
                    "guarded",
                    rows,
                    64 * groups,
                    new QuantFormat.Affine(4, 64, type),
                    new Plane(values.bytes(), 32L * groups),
                    new Plane(scales.bytes(), (long) groups * type.sizeBytes()),
                    new Plane(biases.bytes(), (long) groups * type.sizeBytes()),
                    0);
            assertTrue(NibbleKernels.take(weight));
            compare(nibbles, weight, activations(nibbles, random, tokens, groups), round);
        }
    }

    private static float number(Random random, boolean rare, int count) {
        if (rare && random.nextInt(count) == 0) {
            return RARE[random.nextInt(RARE.length)];
        }
        return SCALES[random.nextInt(SCALES.length)];
    }

    /** Coded by the emitted kernel and by the loop, which must agree. */
    private static Activations activations(EmittedNibbles nibbles, Random random, int tokens, int groups) {
        Activations x = new Activations();
        Activations loops = new Activations();
        x.shape(tokens, 64 * groups);
        loops.shape(tokens, 64 * groups);
        float[] row = new float[64 * groups];
        for (int t = 0; t < tokens; t++) {
            for (int g = 0; g < groups; g++) {
                float size = new float[] {0, 1e-42f, 1e-37f, 1e-3f, 1, 1, 1, 1e6f}[random.nextInt(8)];
                for (int i = 64 * g; i < 64 * g + 64; i++) {
                    row[i] = size * (float) random.nextGaussian();
                }
                if (random.nextInt(60) == 0) {
                    row[64 * g + random.nextInt(64)] = RARE[random.nextInt(RARE.length)];
                }
            }
            nibbles.code(x, t, 0, groups, row, 0, 0);
            for (int g = 0; g < groups; g++) {
                loops.quantizeGroup(t, g, row, 64 * g);
                assertEquals(loops.scale(t, g), x.scale(t, g), "factor");
                if (Float.isNaN(loops.scale(t, g))) {
                    continue;
                }
                assertEquals(loops.sum(t, g), x.sum(t, g), 1e-5 * 64 * 127 * x.scale(t, g) + 1e-37, "sum");
                for (int c = 0; c < 64; c++) {
                    assertEquals(loops.code(t, g, c), x.code(t, g, c), 1, "code");
                }
            }
        }
        return x;
    }

    private static void compare(EmittedNibbles nibbles, Weight weight, Activations x, int round) {
        int rows = weight.rows();
        float[] y = new float[x.rows() * rows];
        nibbles.multiply(weight, 0, rows, x, 0, 1, x.rows(), y, 0, rows, 0);
        DType type = ((QuantFormat.Affine) weight.format()).scaleType();
        for (int t = 0; t < x.rows(); t++) {
            for (int r = 0; r < rows; r++) {
                double expected = 0;
                double size = 0;
                for (int g = 0; g < x.groups(); g++) {
                    long at = (long) (r * x.groups() + g) * type.sizeBytes();
                    double scale = RowDecoder.number(weight.scales().bytes(), type, at);
                    double bias = RowDecoder.number(weight.biases().bytes(), type, at);
                    long sum = 0;
                    long absolute = 0;
                    for (int c = 0; c < 64; c++) {
                        int packed =
                                weight.values().bytes().get(ValueLayout.JAVA_BYTE, 32L * (r * x.groups() + g) + c / 2);
                        int product = (packed >> 4 * (c % 2) & 15) * x.code(t, g, c);
                        sum += product;
                        absolute += Math.abs(product);
                    }
                    expected += scale * x.scale(t, g) * sum + bias * x.sum(t, g);
                    size += Math.abs(scale * x.scale(t, g)) * absolute + Math.abs(bias * x.sum(t, g));
                }
                float got = y[t * rows + r];
                String where = "round " + round + ", row " + r + " of " + rows + ", x " + t + " of " + x.rows();
                if (Double.isNaN(expected) || Double.isInfinite(expected)) {
                    assertFalse(Float.isFinite(got), where + ": " + expected + ", got " + got);
                } else {
                    // Products of denormal numbers lose their last bits.
                    assertEquals(expected, got, 2e-6 * size + 1e-37, where);
                }
            }
        }
    }
}
