package studio.atelier.engine.selftest;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;
import studio.atelier.engine.tensor.WeightStack;

/** Matrices of any format with numbers of the size that trained ones have. The same seed gives the same. */
final class RandomWeights {
    private final Random random;

    RandomWeights(long seed) {
        this.random = new Random(seed);
    }

    float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    WeightStack stack(QuantFormat format, int count, int rows, int columns) {
        List<Weight> each = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            each.add(matrix(format, rows, columns));
        }
        return new WeightStack(each);
    }

    Weight matrix(QuantFormat format, int rows, int columns) {
        String name = format.label() + " " + rows + " × " + columns;
        return switch (format) {
            case QuantFormat.Dense(DType type) -> dense(name, type, rows, columns);
            case QuantFormat.Affine affine -> affine(name, affine, rows, columns);
            case QuantFormat.Fp8Tiles tiles -> tiles(name, tiles, rows, columns);
            // Powers of two around 2^-6, or E4M3 numbers of that size.
            case QuantFormat.Mxfp4 _ -> coded(name, format, rows, columns, 4, 32, 119, 4);
            case QuantFormat.Nvfp4 _ -> coded(name, format, rows, columns, 4, 16, 8, 16);
            case QuantFormat.Mxfp8 _ -> coded(name, format, rows, columns, 8, 32, 113, 4);
        };
    }

    private Weight dense(String name, DType type, int rows, int columns) {
        MemorySegment bytes = allocate((long) rows * columns * type.sizeBytes());
        for (long i = 0; i < (long) rows * columns; i++) {
            put(bytes, type, i, 0.1f * (float) random.nextGaussian());
        }
        return Weight.dense(name, rows, columns, type, bytes);
    }

    private void put(MemorySegment bytes, DType type, long index, float number) {
        switch (type) {
            case F32 -> bytes.setAtIndex(ValueLayout.JAVA_FLOAT, index, number);
            case F16 -> bytes.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16(number));
            case BF16 ->
                bytes.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) (Float.floatToRawIntBits(number) >>> 16));
            default -> bytes.set(ValueLayout.JAVA_BYTE, index, smallFloat8());
        }
    }

    /** Between -1 and 1, never infinite, in both 8-bit layouts. */
    private byte smallFloat8() {
        return (byte) (random.nextInt(0x38) | (random.nextBoolean() ? 0x80 : 0));
    }

    private Weight affine(String name, QuantFormat.Affine format, int rows, int columns) {
        long valueBytes = (long) columns * format.bits() / 8;
        long groups = columns / format.groupSize();
        DType type = format.scaleType();
        MemorySegment scales = allocate(rows * groups * type.sizeBytes());
        MemorySegment biases = allocate(rows * groups * type.sizeBytes());
        float step = 0.4f / (1 << format.bits());
        for (long i = 0; i < rows * groups; i++) {
            put(scales, type, i, step * (0.5f + random.nextFloat()));
            put(biases, type, i, -0.2f * (0.5f + random.nextFloat()));
        }
        long scaleRow = groups * type.sizeBytes();
        return new Weight(
                name,
                rows,
                columns,
                format,
                new Plane(bits(rows * valueBytes), valueBytes),
                new Plane(scales, scaleRow),
                new Plane(biases, scaleRow),
                0);
    }

    private Weight tiles(String name, QuantFormat.Fp8Tiles format, int rows, int columns) {
        MemorySegment values = allocate((long) rows * columns);
        for (long i = 0; i < (long) rows * columns; i++) {
            values.set(ValueLayout.JAVA_BYTE, i, smallFloat8());
        }
        int across = Math.ceilDiv(columns, format.tileColumns());
        MemorySegment scales = allocate(4L * across * Math.ceilDiv(rows, format.tileRows()));
        for (long i = 0; i < scales.byteSize() / 4; i++) {
            put(scales, DType.F32, i, 0.05f + 0.1f * random.nextFloat());
        }
        return new Weight(
                name, rows, columns, format, new Plane(values, columns), new Plane(scales, 4L * across), Plane.NONE, 0);
    }

    private Weight coded(
            String name, QuantFormat format, int rows, int columns, int bits, int group, int firstScale, int scales) {
        long valueBytes = (long) columns * bits / 8;
        long groups = columns / group;
        MemorySegment values = allocate(rows * valueBytes);
        for (long i = 0; i < values.byteSize(); i++) {
            values.set(ValueLayout.JAVA_BYTE, i, bits == 8 ? smallFloat8() : (byte) random.nextInt(256));
        }
        MemorySegment scaleBytes = allocate(rows * groups);
        for (long i = 0; i < scaleBytes.byteSize(); i++) {
            scaleBytes.set(ValueLayout.JAVA_BYTE, i, (byte) (firstScale + random.nextInt(scales)));
        }
        return new Weight(
                name,
                rows,
                columns,
                format,
                new Plane(values, valueBytes),
                new Plane(scaleBytes, groups),
                Plane.NONE,
                0);
    }

    private MemorySegment bits(long sizeBytes) {
        byte[] bytes = new byte[Math.toIntExact(sizeBytes)];
        random.nextBytes(bytes);
        MemorySegment segment = allocate(sizeBytes);
        segment.copyFrom(MemorySegment.ofArray(bytes));
        return segment;
    }

    private static MemorySegment allocate(long sizeBytes) {
        return Arena.ofAuto().allocate(Math.max(1, sizeBytes), 16);
    }
}
