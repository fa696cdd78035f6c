package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/** Weights of 4 and 8 bits times 8-bit activations, emitted and with the Vector API, beside the formula in double. */
final class NibblesTest {
    /** Relative to the sum of absolute products: float32 sums in another order. */
    private static final double TOLERANCE = 1e-6;

    @ParameterizedTest(name = "{0} × {1}, {2} rows of x, {3}")
    @CsvSource({
        "1, 64, 1, BF16",
        "3, 128, 1, BF16",
        "5, 192, 2, BF16",
        "16, 64, 5, BF16",
        "17, 512, 3, F16",
        "33, 576, 8, F32",
        "40, 1024, 1, BF16",
        "31, 704, 7, BF16",
        "32, 704, 6, BF16",
        "50, 1088, 9, F16",
        "9, 1728, 4, F16",
        "18, 2048, 7, BF16",
        "64, 640, 13, F32",
        "47, 320, 24, BF16",
        "100, 256, 131, BF16",
        "16, 4096, 96, BF16",
    })
    void multipliesByTheFormula(int rows, int columns, int tokens, DType type) throws IOException {
        for (CodeForm form : CodeForm.values()) {
            Random random = new Random(rows * 31L + columns);
            Weight weight = weight(form, rows, columns, form.isBiased() ? type : DType.F8_E8M0, random);
            Activations coded = coded(floats(tokens * columns, random), tokens, columns, form);
            double[][] expected = new double[tokens][rows];
            double[][] size = new double[tokens][rows];
            formula(weight, coded, expected, size);
            NibbleKernels vector = new VectorNibbles(1);
            if (vector.serve(form, type)) {
                check("vector", vector, weight, coded, expected, size);
            }
            Optional<EmittedKernels> emitted = EmittedNibblesFixture.ofThisMachine();
            if (emitted.isPresent()) {
                NibbleKernels nibbles = new EmittedNibbles(emitted.get(), 1);
                assertTrue(nibbles.serve(form, CodeForm.scaleType(weight.format())), form + ": differ");
                check("emitted " + form, nibbles, weight, coded, expected, size);
            }
        }
    }

    /** What 8 bits give for a row does not depend on how many are multiplied with it; columns go by stretches. */
    @ParameterizedTest
    @EnumSource(InstructionSet.class)
    void eightRowsGiveBitForBitWhatEachGivesAlone(InstructionSet set) throws IOException {
        assumeTrue(EmittedKernels.setsOfThisMachine().contains(set), "this processor does not have it");
        try (EmittedKernels emitted = EmittedKernels.of(set)) {
            for (CodeForm form : CodeForm.values()) {
                eightRowsGiveBitForBitWhatEachGivesAlone(new EmittedNibbles(emitted, 1), form);
            }
        }
    }

    private static void eightRowsGiveBitForBitWhatEachGivesAlone(NibbleKernels nibbles, CodeForm form) {
        int rows = 70;
        int columns = 6848;
        Random random = new Random(11);
        DType type = form.isBiased() ? DType.BF16 : DType.F8_E8M0;
        assertTrue(nibbles.serve(form, type));
        Weight weight = weight(form, rows, columns, type, random);
        Activations x = coded(floats(8 * columns, random), 8, columns, form);
        x.ofFewPositions(true);
        for (int tokens = 1; tokens <= 8; tokens++) {
            float[] together = new float[tokens * rows];
            nibbles.multiply(weight, 0, rows, x, 0, 1, tokens, together, 0, rows, 0);
            for (int t = 0; t < tokens; t++) {
                float[] alone = new float[rows];
                nibbles.multiply(weight, 0, rows, x, t, 1, 1, alone, 0, rows, 0);
                float[] beside = Arrays.copyOfRange(together, rows * t, rows * t + rows);
                assertArrayEquals(alone, beside, form + " " + tokens + " " + t);
            }
        }
        float[] expected = new float[8 * rows];
        float[] got = new float[8 * rows];
        nibbles.multiply(weight, 0, rows, x, 0, 1, 8, expected, 0, rows, 0);
        nibbles.multiply(withGaps(weight), 0, rows, x, 0, 1, 8, got, 0, rows, 0);
        assertArrayEquals(expected, got, form + " with gaps between rows");
    }

    private static Weight withGaps(Weight weight) {
        return new Weight(
                weight.name(),
                weight.rows(),
                weight.columns(),
                weight.format(),
                withGaps(weight.values(), weight.rows()),
                withGaps(weight.scales(), weight.rows()),
                withGaps(weight.biases(), weight.rows()),
                0);
    }

    private static Plane withGaps(Plane plane, int rows) {
        long stride = plane.rowBytes() + 24;
        MemorySegment spread = Arena.ofAuto().allocate(rows * stride, 64).fill((byte) 0x55);
        for (int row = 0; row < rows; row++) {
            MemorySegment.copy(plane.bytes(), row * plane.rowBytes(), spread, row * stride, plane.rowBytes());
        }
        return new Plane(spread, stride);
    }

    /** What is laid out for one product is used again for its next rows, and for nothing else. */
    @Test
    void laysOutAnewWhatWasCodedAnew() {
        Random random = new Random(12);
        NibbleKernels kernels = new VectorNibbles(1);
        Activations x = new Activations();
        Weight weight = weight(CodeForm.NIBBLES, 5, 320, DType.BF16, random);
        for (int time = 0; time < 3; time++) {
            float[] numbers = floats(2 * 320, random);
            x.shape(2, 320, CodeForm.NIBBLES);
            for (int t = 0; t < 2; t++) {
                kernels.code(x, t, 0, x.blocks(), numbers, t * 320, 0);
            }
            for (int i = 0; i < 2; i++) {
                // The row that was last before is the first now.
                int t = (i + time) % 2;
                float[] expected = new float[5];
                float[] got = new float[5];
                new VectorNibbles(1).multiply(weight, 0, 5, x, t, 1, 1, expected, 0, 5, 0);
                kernels.multiply(weight, 0, 2, x, t, 1, 1, got, 0, 5, 0);
                kernels.multiply(weight, 2, 5, x, t, 1, 1, got, 0, 5, 0);
                assertArrayEquals(expected, got, time + " " + t);
            }
        }
    }

    private static void check(
            String name, NibbleKernels kernels, Weight weight, Activations x, double[][] expected, double[][] size) {
        int stride = weight.rows() + 3;
        float[] y = new float[5 + x.rows() * stride];
        java.util.Arrays.fill(y, 77);
        kernels.multiply(weight, 0, weight.rows(), x, 0, 1, x.rows(), y, 5, stride, 0);
        for (int t = 0; t < x.rows(); t++) {
            for (int r = 0; r < weight.rows(); r++) {
                assertEquals(
                        expected[t][r],
                        y[5 + t * stride + r],
                        TOLERANCE * size[t][r] + 1e-30,
                        name + " " + t + " " + r);
            }
            for (int gap = 0; gap < 3; gap++) {
                assertEquals(77, y[5 + t * stride + weight.rows() + gap]);
            }
        }
    }

    /** The sums over groups, in double, and the sums of their absolute parts. */
    static void formula(Weight weight, Activations x, double[][] expected, double[][] size) {
        CodeForm form = x.form();
        DType type = CodeForm.scaleType(weight.format());
        for (int r = 0; r < weight.rows(); r++) {
            for (int g = 0; g < x.groups(); g++) {
                double scale = number(weight.scales(), type, r, g);
                double bias = form.isBiased() ? number(weight.biases(), type, r, g) + form.middle() * scale : 0;
                for (int t = 0; t < x.rows(); t++) {
                    // What the codes of x stand for; those of MXFP4's weights count in halves.
                    double factor = scale * x.scale(t, g) / form.unit();
                    for (int c = 0; c < form.groupSize(); c++) {
                        double number = fromMiddle(weight, form, r, g * form.groupSize() + c);
                        int code = x.code(t, g, c);
                        expected[t][r] += factor * number * code;
                        size[t][r] += Math.abs(factor * code) * (Math.abs(number) + form.middle() * form.unit());
                    }
                    expected[t][r] += form.isBiased() ? bias * x.sum(t, g) : 0;
                    size[t][r] += form.isBiased() ? Math.abs(bias * x.sum(t, g)) : 0;
                }
            }
        }
    }

    /** A weight without scale and bias, counted from the middle. */
    private static double fromMiddle(Weight weight, CodeForm form, int row, int column) {
        long at = row * weight.values().rowBytes() + (long) column * form.bits() / 8;
        int bits = weight.values().bytes().get(ValueLayout.JAVA_BYTE, at);
        if (form.bits() == 8) {
            return (bits & 255) - 128;
        }
        int code = bits >> 4 * (column % 2) & 15;
        return form == CodeForm.HALVES ? Float8.fromE2m1(code) : code - 8;
    }

    private static double number(Plane plane, DType type, int row, int group) {
        long at = row * plane.rowBytes() + (long) group * type.sizeBytes();
        return type == DType.F8_E8M0
                ? Float8.fromE8m0(plane.bytes().get(ValueLayout.JAVA_BYTE, at))
                : RowDecoder.number(plane.bytes(), type, at);
    }

    @ParameterizedTest
    @EnumSource(CodeForm.class)
    void codesWithinHalfAStep(CodeForm form) {
        Random random = new Random(5);
        float[] x = floats(3 * 192, random);
        Activations coded = coded(x, 3, 192, form);
        int size = form.groupSize();
        for (int t = 0; t < 3; t++) {
            for (int g = 0; g < coded.groups(); g++) {
                float step = coded.scale(t, g) / form.unit();
                int total = 0;
                double sum = 0;
                for (int c = 0; c < size; c++) {
                    float original = x[t * 192 + g * size + c];
                    assertEquals(original, coded.code(t, g, c) * step, 0.5001 * step);
                    total += coded.code(t, g, c);
                    sum += original;
                }
                assertEquals(-form.middle() * total, coded.start(t, g));
                assertEquals(sum, coded.sum(t, g), 1e-5 * size);
            }
        }
    }

    @Test
    void usesEmittedKernelsWhereTheProcessorHasAvx2() throws IOException {
        assumeTrue(EmittedNibblesFixture.ofThisMachine().isPresent(), "no emitted kernels on this machine");
        assertEquals("AVX", EmittedKernels.ofThisMachine().set().label().substring(0, 3));
    }

    private static Activations coded(float[] x, int rows, int columns, CodeForm form) {
        Activations coded = new Activations();
        coded.shape(rows, columns, form);
        for (int i = 0; i < rows; i++) {
            coded.quantize(i, x, i * columns);
        }
        return coded;
    }

    private static Weight weight(CodeForm form, int rows, int columns, DType type, Random random) {
        int groups = columns / form.groupSize();
        byte[] codes = new byte[rows * columns * form.bits() / 8];
        random.nextBytes(codes);
        return weight(
                form,
                rows,
                columns,
                type,
                Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, codes),
                numbers(type, rows * groups, random),
                numbers(type, rows * groups, random));
    }

    /** Over planes without gaps; the biases are left out where the form has none. */
    static Weight weight(
            CodeForm form,
            int rows,
            int columns,
            DType type,
            MemorySegment codes,
            MemorySegment scales,
            MemorySegment biases) {
        long rowBytes = (long) columns * form.bits() / 8;
        long scaleBytes = (long) columns / form.groupSize() * type.sizeBytes();
        return new Weight(
                form.name(),
                rows,
                columns,
                form.isBiased() ? new QuantFormat.Affine(form.bits(), form.groupSize(), type) : new QuantFormat.Mxfp4(),
                new Plane(codes, rowBytes),
                new Plane(scales, scaleBytes),
                form.isBiased() ? new Plane(biases, scaleBytes) : Plane.NONE,
                0);
    }

    private static MemorySegment numbers(DType type, int count, Random random) {
        MemorySegment segment = Arena.ofAuto().allocate((long) count * type.sizeBytes());
        for (int i = 0; i < count; i++) {
            put(segment, type, i, type == DType.F8_E8M0 ? 120 + random.nextInt(12) : (float) random.nextGaussian());
        }
        return segment;
    }

    /** Of E8M0 the value is the code. */
    static void put(MemorySegment segment, DType type, int index, float value) {
        switch (type) {
            case F8_E8M0 -> segment.set(ValueLayout.JAVA_BYTE, index, (byte) value);
            case F32 -> segment.set(RowDecoder.FLOAT, 4L * index, value);
            case F16 -> segment.set(RowDecoder.SHORT, 2L * index, Float.floatToFloat16(value));
            default -> segment.set(RowDecoder.SHORT, 2L * index, (short) (Float.floatToIntBits(value) >>> 16));
        }
    }

    static float[] floats(int count, Random random) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
