package studio.atelier.engine.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/** Vector kernels beside the scalar ones, over every format and over shapes with odd tails. */
final class KernelsTest {
    /** Relative to the sum of absolute products: float32 sums in another order. */
    private static final double TOLERANCE = 2e-6;

    @ParameterizedTest(name = "{0} × {1}, {2} rows of x, {3}")
    @CsvSource({
        "5, 64, 1, affine2", "7, 128, 3, affine3", "9, 192, 4, affine4", "33, 320, 5, affine4", "3, 64, 9, affine5",
        "8, 128, 2, affine6", "11, 256, 6, affine8", "4, 96, 1, mxfp4", "6, 160, 5, nvfp4", "5, 96, 3, mxfp8",
        "7, 40, 5, bf16", "7, 37, 5, bf16", "3, 19, 2, f16", "5, 51, 4, f32", "130, 200, 3, fp8",
    })
    void vectorsMultiplyAsLoopsDo(int rows, int columns, int xRows, String format) {
        Random random = new Random(rows * 31L + columns);
        Weight weight = weight(rows, columns, format, random);
        float[] x = floats(xRows * columns, random);
        float[] expected = new float[xRows * rows];
        float[] got = new float[xRows * rows];
        multiply(new ScalarKernels(), weight, x, xRows, expected);
        multiply(new VectorKernels(), weight, x, xRows, got);
        float[] row = new float[columns];
        for (int r = 0; r < rows; r++) {
            RowDecoder.decode(weight, r, row, 0);
            for (int i = 0; i < xRows; i++) {
                double size = 0;
                for (int c = 0; c < columns; c++) {
                    size += Math.abs((double) row[c] * x[i * columns + c]);
                }
                assertEquals(expected[i * rows + r], got[i * rows + r], TOLERANCE * size + 1e-7);
            }
        }
    }

    private static void multiply(Kernels kernels, Weight weight, float[] x, int xRows, float[] y) {
        float[] scratch = new float[kernels.scratchFloats(weight.columns(), xRows)];
        kernels.multiply(weight, 0, weight.rows(), x, 0, weight.columns(), xRows, y, 0, weight.rows(), scratch);
    }

    private static Weight weight(int rows, int columns, String format, Random random) {
        return switch (format) {
            case "bf16" -> dense(rows, columns, DType.BF16, random);
            case "f16" -> dense(rows, columns, DType.F16, random);
            case "f32" -> dense(rows, columns, DType.F32, random);
            case "fp8" -> {
                int tiles = Math.ceilDiv(columns, 128);
                yield new Weight(
                        format,
                        rows,
                        columns,
                        new QuantFormat.Fp8Tiles(128, 128),
                        new Plane(codes((long) rows * columns, random), columns),
                        new Plane(numbers(DType.F32, Math.ceilDiv(rows, 128) * tiles, random), 4L * tiles),
                        Plane.NONE,
                        0);
            }
            case "mxfp4" -> scaled(rows, columns, new QuantFormat.Mxfp4(), 32, random);
            case "nvfp4" -> scaled(rows, columns, new QuantFormat.Nvfp4(), 16, random);
            case "mxfp8" -> scaled(rows, columns, new QuantFormat.Mxfp8(), 32, random);
            default -> affine(rows, columns, Integer.parseInt(format.substring("affine".length())), random);
        };
    }

    private static Weight dense(int rows, int columns, DType type, Random random) {
        return Weight.dense(type.name(), rows, columns, type, numbers(type, rows * columns, random));
    }

    private static Weight affine(int rows, int columns, int bits, Random random) {
        QuantFormat.Affine format = new QuantFormat.Affine(bits, 64, DType.BF16);
        int groups = columns / 64;
        return new Weight(
                "affine",
                rows,
                columns,
                format,
                new Plane(codes((long) rows * columns * bits / 8, random), (long) columns * bits / 8),
                new Plane(numbers(DType.BF16, rows * groups, random), 2L * groups),
                new Plane(numbers(DType.BF16, rows * groups, random), 2L * groups),
                0);
    }

    private static Weight scaled(int rows, int columns, QuantFormat format, int group, Random random) {
        int groups = columns / group;
        MemorySegment scales = Arena.ofAuto().allocate((long) rows * groups);
        for (long i = 0; i < scales.byteSize(); i++) {
            // Around 1 in both scale formats.
            scales.set(ValueLayout.JAVA_BYTE, i, (byte)
                    (format instanceof QuantFormat.Nvfp4 ? 40 + random.nextInt(30) : 120 + random.nextInt(12)));
        }
        long rowBytes = (long) columns * format.bitsPerValue() / 8;
        return new Weight(
                format.label(),
                rows,
                columns,
                format,
                new Plane(codes(rows * rowBytes, random), rowBytes),
                new Plane(scales, groups),
                Plane.NONE,
                0);
    }

    private static MemorySegment codes(long sizeBytes, Random random) {
        byte[] bytes = new byte[Math.toIntExact(sizeBytes)];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            // No NaN patterns of the 8-bit floats.
            bytes[i] = (bytes[i] & 0x7F) == 0x7F ? 0 : bytes[i];
        }
        return Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    private static MemorySegment numbers(DType type, int count, Random random) {
        MemorySegment segment = Arena.ofAuto().allocate((long) count * type.sizeBytes());
        for (int i = 0; i < count; i++) {
            float value = (float) random.nextGaussian();
            if (type == DType.F32) {
                segment.set(RowDecoder.FLOAT, 4L * i, value);
            } else if (type == DType.F16) {
                segment.set(RowDecoder.SHORT, 2L * i, Float.floatToFloat16(value));
            } else {
                segment.set(RowDecoder.SHORT, 2L * i, (short) (Float.floatToIntBits(value) >>> 16));
            }
        }
        return segment;
    }

    private static float[] floats(int count, Random random) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
