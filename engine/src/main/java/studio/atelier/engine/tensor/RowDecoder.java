package studio.atelier.engine.tensor;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import studio.atelier.engine.tensor.Weight.Plane;

/** One row of a weight as floats, for every format: the only place that reads packed bits one by one. */
public final class RowDecoder {
    public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    public static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private RowDecoder() {}

    /** Writes the {@code columns} numbers of a row. */
    public static void decode(Weight weight, int row, float[] into, int at) {
        switch (weight.format()) {
            case QuantFormat.Dense dense -> dense(weight, dense.type(), row, into, at);
            case QuantFormat.Fp8Tiles tiles -> tiles(weight, tiles, row, into, at);
            case QuantFormat.Affine affine -> affine(weight, affine, row, into, at);
            case QuantFormat.Mxfp4 _ -> fourBitFloats(weight, row, 32, true, into, at);
            case QuantFormat.Nvfp4 _ -> fourBitFloats(weight, row, 16, false, into, at);
            case QuantFormat.Mxfp8 _ -> mxfp8(weight, row, into, at);
        }
    }

    /** One number of a plane of scales or biases. */
    public static float number(MemorySegment bytes, DType type, long offset) {
        return switch (type) {
            case BF16 -> Float8.fromBfloat16(bytes.get(SHORT, offset));
            case F16 -> Float.float16ToFloat(bytes.get(SHORT, offset));
            case F32 -> bytes.get(FLOAT, offset);
            case F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                throw new IllegalArgumentException("scale: expected BF16, F16 or F32, got " + type);
        };
    }

    private static void dense(Weight weight, DType type, int row, float[] into, int at) {
        MemorySegment bytes = weight.values().bytes();
        long start = row * weight.values().rowBytes();
        int columns = weight.columns();
        switch (type) {
            case BF16 -> {
                for (int i = 0; i < columns; i++) {
                    into[at + i] = Float8.fromBfloat16(bytes.get(SHORT, start + 2L * i));
                }
            }
            case F16 -> {
                for (int i = 0; i < columns; i++) {
                    into[at + i] = Float.float16ToFloat(bytes.get(SHORT, start + 2L * i));
                }
            }
            case F32 -> MemorySegment.copy(bytes, FLOAT, start, into, at, columns);
            case F8_E4M3 -> {
                for (int i = 0; i < columns; i++) {
                    into[at + i] = Float8.fromE4m3(bytes.get(ValueLayout.JAVA_BYTE, start + i));
                }
            }
            case F8_E5M2 -> {
                for (int i = 0; i < columns; i++) {
                    into[at + i] = Float8.fromE5m2(bytes.get(ValueLayout.JAVA_BYTE, start + i));
                }
            }
            case F64, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                throw new IllegalArgumentException(weight.name() + ": expected numbers with a point, got " + type);
        }
    }

    private static void tiles(Weight weight, QuantFormat.Fp8Tiles tiles, int row, float[] into, int at) {
        MemorySegment codes = weight.values().bytes();
        long start = row * weight.values().rowBytes();
        Plane scales = weight.scales();
        long scaleRow = (weight.firstRow() + row) / tiles.tileRows() * scales.rowBytes();
        for (int from = 0; from < weight.columns(); from += tiles.tileColumns()) {
            float scale = scales.bytes().get(FLOAT, scaleRow + 4L * (from / tiles.tileColumns()));
            int to = Math.min(weight.columns(), from + tiles.tileColumns());
            for (int i = from; i < to; i++) {
                float value = Float8.fromE4m3(codes.get(ValueLayout.JAVA_BYTE, start + i));
                into[at + i] = Float8.roundToBfloat16(value * scale);
            }
        }
    }

    private static void affine(Weight weight, QuantFormat.Affine affine, int row, float[] into, int at) {
        MemorySegment words = weight.values().bytes();
        long next = row * weight.values().rowBytes();
        int bits = affine.bits();
        int mask = (1 << bits) - 1;
        int scaleBytes = affine.scaleType().sizeBytes();
        long scaleAt = row * weight.scales().rowBytes();
        long biasAt = row * weight.biases().rowBytes();
        long pending = 0;
        int pendingBits = 0;
        for (int from = 0; from < weight.columns(); from += affine.groupSize()) {
            float scale = number(weight.scales().bytes(), affine.scaleType(), scaleAt);
            float bias = number(weight.biases().bytes(), affine.scaleType(), biasAt);
            scaleAt += scaleBytes;
            biasAt += scaleBytes;
            for (int i = from; i < from + affine.groupSize(); i++) {
                if (pendingBits < bits) {
                    pending |= (words.get(INT, next) & 0xFFFFFFFFL) << pendingBits;
                    pendingBits += 32;
                    next += 4;
                }
                into[at + i] = scale * (pending & mask) + bias;
                pending >>>= bits;
                pendingBits -= bits;
            }
        }
    }

    private static void fourBitFloats(
            Weight weight, int row, int groupSize, boolean powersOfTwo, float[] into, int at) {
        MemorySegment codes = weight.values().bytes();
        long start = row * weight.values().rowBytes();
        long scaleAt = row * weight.scales().rowBytes();
        for (int from = 0; from < weight.columns(); from += groupSize) {
            byte code = weight.scales().bytes().get(ValueLayout.JAVA_BYTE, scaleAt++);
            float scale = powersOfTwo ? Float8.fromE8m0(code) : Float8.fromE4m3(code);
            for (int i = from; i < from + groupSize; i += 2) {
                int pair = codes.get(ValueLayout.JAVA_BYTE, start + i / 2);
                into[at + i] = scale * Float8.fromE2m1(pair);
                into[at + i + 1] = scale * Float8.fromE2m1(pair >> 4);
            }
        }
    }

    private static void mxfp8(Weight weight, int row, float[] into, int at) {
        MemorySegment codes = weight.values().bytes();
        long start = row * weight.values().rowBytes();
        long scaleAt = row * weight.scales().rowBytes();
        for (int from = 0; from < weight.columns(); from += 32) {
            float scale = Float8.fromE8m0(weight.scales().bytes().get(ValueLayout.JAVA_BYTE, scaleAt++));
            for (int i = from; i < from + 32; i++) {
                into[at + i] = scale * Float8.fromE4m3(codes.get(ValueLayout.JAVA_BYTE, start + i));
            }
        }
    }
}
