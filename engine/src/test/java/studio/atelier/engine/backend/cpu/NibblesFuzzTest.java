package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.GuardedMemory;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;
import studio.atelier.engine.backend.cpu.emit.ProductKernels;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Weight;

/**
 * Emitted kernels on weights of random shapes between guard pages, with zeros, denormals, infinities and NaN among scales
 * and activations, beside plain loops. A read outside the tensor ends the test's whole process.
 */
final class NibblesFuzzTest {
    private static final int ROUNDS = 500;
    private static final float[] SCALES = {0, -0f, 1e-40f, -1e-39f, 1.2e-38f, 0.01f, -1, 3, 1e4f};
    /** Codes of E8M0: the least two, no number, and some that are usual. */
    private static final int[] POWERS = {0, 1, 2, 100, 120, 126, 127, 128, 130, 140};

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
        // Some so wide that their columns go by stretches.
        int blocks = 1 + random.nextInt(random.nextInt(6) == 0 ? 120 : 36);
        int tokens = 1 + random.nextInt(14);
        CodeForm form = CodeForm.values()[round % CodeForm.values().length];
        List<DType> types = ProductKernels.scaleTypes(form);
        DType type = types.get(random.nextInt(types.size()));
        boolean rare = random.nextInt(4) == 0;
        boolean atEnd = random.nextBoolean();
        int groups = rows * blocks * form.blockGroups();
        int codeBytes = rows * blocks * form.blockBytes();
        long scaleBytes = (long) groups * type.sizeBytes();
        try (GuardedMemory values = GuardedMemory.of(codeBytes, atEnd);
                GuardedMemory scales = GuardedMemory.of(scaleBytes, atEnd);
                GuardedMemory biases = GuardedMemory.of(scaleBytes, atEnd)) {
            byte[] codes = new byte[codeBytes];
            random.nextBytes(codes);
            MemorySegment.copy(codes, 0, values.bytes(), ValueLayout.JAVA_BYTE, 0, codes.length);
            for (int i = 0; i < groups; i++) {
                NibblesTest.put(scales.bytes(), type, i, number(random, type, rare, groups));
                NibblesTest.put(biases.bytes(), type, i, number(random, type, rare, groups));
            }
            Weight weight =
                    NibblesTest.weight(form, rows, 64 * blocks, type, values.bytes(), scales.bytes(), biases.bytes());
            assertEquals(form, NibbleKernels.formOf(weight));
            assertTrue(nibbles.serve(form, type), form + " " + type + ": differ");
            Activations x = activations(nibbles, random, tokens, blocks, form);
            x.ofFewPositions(random.nextBoolean());
            compare(nibbles, weight, x, round);
        }
    }

    private static float number(Random random, DType type, boolean rare, int count) {
        if (type == DType.F8_E8M0) {
            return POWERS[random.nextInt(POWERS.length)];
        }
        if (rare && random.nextInt(count) == 0) {
            return RARE[random.nextInt(RARE.length)];
        }
        return SCALES[random.nextInt(SCALES.length)];
    }

    /** Coded by the emitted kernel and by the loop, which must agree. */
    private static Activations activations(
            EmittedNibbles nibbles, Random random, int tokens, int blocks, CodeForm form) {
        Activations x = new Activations();
        Activations loops = new Activations();
        x.shape(tokens, 64 * blocks, form);
        loops.shape(tokens, 64 * blocks, form);
        float[] row = new float[64 * blocks];
        for (int t = 0; t < tokens; t++) {
            for (int b = 0; b < blocks; b++) {
                float size = new float[] {0, 1e-42f, 1e-37f, 1e-3f, 1, 1, 1, 1e6f}[random.nextInt(8)];
                for (int i = 64 * b; i < 64 * b + 64; i++) {
                    row[i] = size * (float) random.nextGaussian();
                }
                if (random.nextInt(60) == 0) {
                    row[64 * b + random.nextInt(64)] = RARE[random.nextInt(RARE.length)];
                }
            }
            nibbles.code(x, t, 0, blocks, row, 0, 0);
            loops.quantize(t, row, 0);
            for (int g = 0; g < x.groups(); g++) {
                assertEquals(loops.scale(t, g), x.scale(t, g), "factor");
                if (Float.isNaN(loops.scale(t, g))) {
                    continue;
                }
                assertEquals(loops.sum(t, g), x.sum(t, g), 1e-5 * 64 * 254 * x.scale(t, g) + 1e-37, "sum");
                int total = 0;
                for (int c = 0; c < form.groupSize(); c++) {
                    assertEquals(loops.code(t, g, c), x.code(t, g, c), 1, "code");
                    total += x.code(t, g, c);
                }
                assertEquals(-form.middle() * total, x.start(t, g), "start");
            }
        }
        return x;
    }

    private static void compare(EmittedNibbles nibbles, Weight weight, Activations x, int round) {
        int rows = weight.rows();
        float[] y = new float[x.rows() * rows];
        nibbles.multiply(weight, 0, rows, x, 0, 1, x.rows(), y, 0, rows, 0);
        double[][] expected = new double[x.rows()][rows];
        double[][] size = new double[x.rows()][rows];
        NibblesTest.formula(weight, x, expected, size);
        for (int t = 0; t < x.rows(); t++) {
            for (int r = 0; r < rows; r++) {
                float got = y[t * rows + r];
                String where = x.form() + ", round " + round + ", row " + r + " of " + rows + ", x " + t + " of "
                        + x.rows() + ", columns " + x.columns();
                if (Double.isNaN(expected[t][r]) || Double.isInfinite(expected[t][r])) {
                    assertFalse(Float.isFinite(got), where + ": " + expected[t][r] + ", got " + got);
                } else {
                    // Products of denormal numbers lose their last bits.
                    assertEquals(expected[t][r], got, 2e-6 * size[t][r] + 1e-37, where);
                }
            }
        }
    }
}
