package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/** 4-bit weights times 8-bit activations, emitted and with the Vector API, beside the formula in double. */
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
        "64, 640, 13, F32",
        "47, 320, 24, BF16",
        "100, 256, 131, BF16",
        "16, 4096, 96, BF16",
    })
    void multipliesByTheFormula(int rows, int columns, int tokens, DType type) throws IOException {
        Random random = new Random(rows * 31L + columns);
        Weight weight = weight(rows, columns, type, random);
        float[] x = floats(tokens * columns, random);
        Activations coded = coded(x, tokens, columns);
        double[][] expected = new double[tokens][rows];
        double[][] size = new double[tokens][rows];
        formula(weight, x, coded, expected, size);
        check("vector", new VectorNibbles(1), weight, coded, expected, size);
        Optional<EmittedKernels> emitted = EmittedNibblesFixture.ofThisMachine();
        if (emitted.isPresent()) {
            check("emitted", new EmittedNibbles(emitted.get(), 1), weight, coded, expected, size);
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

    private static void formula(Weight weight, float[] x, Activations coded, double[][] expected, double[][] size) {
        int columns = weight.columns();
        float[] row = new float[columns];
        DType type = ((QuantFormat.Affine) weight.format()).scaleType();
        for (int r = 0; r < weight.rows(); r++) {
            RowDecoder.decode(weight, r, row, 0);
            for (int t = 0; t < coded.rows(); t++) {
                for (int g = 0; g < coded.groups(); g++) {
                    double bias = RowDecoder.number(
                            weight.biases().bytes(),
                            type,
                            r * weight.biases().rowBytes() + (long) g * type.sizeBytes());
                    double sum = 0;
                    for (int c = 0; c < 64; c++) {
                        double product = (row[g * 64 + c] - bias) * coded.code(t, g, c) * coded.scale(t, g);
                        expected[t][r] += product;
                        size[t][r] += Math.abs(product);
                        sum += x[t * columns + g * 64 + c];
                        size[t][r] += Math.abs(bias * x[t * columns + g * 64 + c]);
                    }
                    expected[t][r] += bias * sum;
                }
            }
        }
    }

    @Test
    void codesWithinHalfAStep() {
        Random random = new Random(5);
        float[] x = floats(3 * 192, random);
        Activations coded = coded(x, 3, 192);
        for (int t = 0; t < 3; t++) {
            for (int c = 0; c < 192; c++) {
                float step = coded.scale(t, c / 64);
                assertEquals(x[t * 192 + c], coded.code(t, c / 64, c % 64) * step, 0.5001 * step);
            }
        }
    }

    @Test
    void usesEmittedKernelsWhereTheProcessorHasAvx2() throws IOException {
        assumeTrue(EmittedNibblesFixture.ofThisMachine().isPresent(), "no emitted kernels on this machine");
        assertEquals("AVX", EmittedKernels.ofThisMachine().set().label().substring(0, 3));
    }

    static Activations coded(float[] x, int rows, int columns) {
        Activations coded = new Activations();
        coded.shape(rows, columns);
        for (int i = 0; i < rows; i++) {
            coded.quantize(i, x, i * columns);
        }
        return coded;
    }

    static Weight weight(int rows, int columns, DType type, Random random) {
        int groups = columns / 64;
        byte[] codes = new byte[rows * columns / 2];
        random.nextBytes(codes);
        int step = type.sizeBytes();
        return new Weight(
                "weight",
                rows,
                columns,
                new QuantFormat.Affine(4, 64, type),
                new Plane(Arena.ofAuto().allocateFrom(java.lang.foreign.ValueLayout.JAVA_BYTE, codes), columns / 2),
                new Plane(numbers(type, rows * groups, random), (long) step * groups),
                new Plane(numbers(type, rows * groups, random), (long) step * groups),
                0);
    }

    private static MemorySegment numbers(DType type, int count, Random random) {
        MemorySegment segment = Arena.ofAuto().allocate((long) count * type.sizeBytes());
        for (int i = 0; i < count; i++) {
            put(segment, type, i, (float) random.nextGaussian());
        }
        return segment;
    }

    static void put(MemorySegment segment, DType type, int index, float value) {
        switch (type) {
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
