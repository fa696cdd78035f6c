package studio.atelier.engine.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import studio.atelier.engine.backend.cpu.AffineCodes;
import studio.atelier.engine.backend.cpu.VectorReadiness;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/**
 * Turns rows of floats into codes, bit for bit as MLX 0.32 does on the CPU. The affine mode computes in float32 whatever
 * the weights' type; the others round every step to that type. The order of operations is part of the format.
 *
 * <p>MLX's Metal kernels round ties another way, so folders made on a Mac may differ in single codes.
 */
public final class Quantizer {
    private static final float SMALLEST_SCALE = 1e-7f;
    private static final float E2M1_MOST = 6;
    private static final float E4M3_MOST = 448;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Scheme scheme;
    private final DType type;
    private final byte[] packed;
    private final MemorySegment scales;
    private final MemorySegment biases;
    private double squares;
    private double errorSquares;

    private Quantizer(Scheme scheme, DType type, int rows, int columns) {
        this.scheme = scheme;
        this.type = type;
        boolean affine = scheme.mode() == Scheme.Mode.AFFINE;
        int groups = rows * (columns / scheme.groupSize());
        int scaleBytes = affine ? type.sizeBytes() : 1;
        this.packed = new byte[Math.toIntExact(rows * scheme.rowBytes(columns))];
        this.scales = MemorySegment.ofArray(new byte[groups * scaleBytes]);
        this.biases = MemorySegment.ofArray(new byte[affine ? groups * scaleBytes : 0]);
    }

    /**
     * Quantizes a matrix, or some rows of one.
     *
     * @param values {@code [rows, columns]}, finite
     * @param columns a multiple of the scheme's group
     * @param weightType the type the weights were published in (BF16, F16 or F32): scales and biases of the affine mode
     *     are stored in it
     */
    public static Quantized quantize(float[] values, int rows, int columns, Scheme scheme, DType weightType) {
        Room room = new Room();
        room.look(scheme, weightType);
        return quantize(values, rows, columns, scheme, weightType, room);
    }

    /** Room for results that one call after the other uses: what an earlier call returned lies in it too. */
    public static final class Room {
        private final VectorReadiness readiness = new VectorReadiness();
        private boolean vectors;
        private byte[] packed = new byte[0];
        private byte[] scalePlane = packed;
        private byte[] biasPlane = packed;
        private float[] scales = new float[0];
        private float[] biases = scales;

        /** Looks whether vector loops are compiled, those for a scheme and type: worth it for some thousand numbers. */
        public void look(Scheme scheme, DType type) {
            Scheme affine = scheme.mode() == Scheme.Mode.AFFINE ? scheme : Scheme.affine(4, 64);
            vectors = AffineCodes.isUsable() && readiness.isReady(affine.groupSize(), affine.bits(), type);
        }

        private void enlarge(int packedBytes, int groups, int planeBytes) {
            packed = packed.length < packedBytes ? new byte[packedBytes] : packed;
            if (scales.length < groups || scalePlane.length < planeBytes) {
                scales = new float[groups];
                biases = new float[groups];
                scalePlane = new byte[planeBytes];
                biasPlane = new byte[planeBytes];
            }
        }
    }

    /** The same, with room that may hold the result; it does until the room is used again. */
    public static Quantized quantize(
            float[] values, int rows, int columns, Scheme scheme, DType weightType, Room room) {
        if (!scheme.divides(columns) || values.length < (long) rows * columns) {
            throw new IllegalArgumentException("quantize: expected [" + rows + ", a multiple of " + scheme.groupSize()
                    + "], got " + values.length + " values in rows of " + columns);
        }
        if (weightType != DType.F32 && weightType != DType.BF16 && weightType != DType.F16) {
            throw new IllegalArgumentException("quantize: expected F32, BF16 or F16, got " + weightType);
        }
        if (scheme.mode() == Scheme.Mode.AFFINE && AffineCodes.isUsable()) {
            return fast(values, rows, columns, scheme, weightType, room);
        }
        return plain(values, rows, columns, scheme, weightType);
    }

    private static Quantized fast(float[] values, int rows, int columns, Scheme scheme, DType type, Room room) {
        int groups = rows * (columns / scheme.groupSize());
        int packedBytes = Math.toIntExact(rows * scheme.rowBytes(columns));
        room.enlarge(packedBytes, groups, groups * type.sizeBytes());
        int size = scheme.groupSize();
        int bits = scheme.bits();
        double[] sums = room.vectors
                ? AffineCodes.quantize(values, groups, size, bits, type, room.packed, room.scales, room.biases)
                : AffineCodes.quantizePlainly(values, groups, size, bits, type, room.packed, room.scales, room.biases);
        return new Quantized(
                scheme,
                type,
                MemorySegment.ofArray(room.packed).asSlice(0, packedBytes),
                plane(room.scales, groups, type, room.scalePlane),
                plane(room.biases, groups, type, room.biasPlane),
                sums[0],
                sums[1]);
    }

    private static MemorySegment plane(float[] values, int count, DType type, byte[] into) {
        MemorySegment plane = MemorySegment.ofArray(into).asSlice(0, (long) count * type.sizeBytes());
        for (int i = 0; i < count; i++) {
            store(plane, type, i, values[i]);
        }
        return plane;
    }

    /** The same without vector instructions: the reference. */
    public static Quantized plain(float[] values, int rows, int columns, Scheme scheme, DType weightType) {
        var quantizer = new Quantizer(scheme, weightType, rows, columns);
        int groups = rows * (columns / scheme.groupSize());
        for (int group = 0; group < groups; group++) {
            int start = group * scheme.groupSize();
            switch (scheme.mode()) {
                case AFFINE -> quantizer.affine(values, start, group);
                case MXFP4 -> {
                    byte scale = FloatEncoder.toE8m0(quantizer.part(values, start, E2M1_MOST), weightType);
                    quantizer.floats(values, start, group, scale, Float8.fromE8m0(scale));
                }
                case NVFP4 -> {
                    byte scale = FloatEncoder.toE4m3(quantizer.part(values, start, E2M1_MOST));
                    quantizer.floats(values, start, group, scale, Float8.fromE4m3(scale));
                }
                case MXFP8 -> {
                    byte scale = FloatEncoder.toE8m0(quantizer.part(values, start, E4M3_MOST), weightType);
                    quantizer.floats(values, start, group, scale, Float8.fromE8m0(scale));
                }
            }
        }
        DType scaleType = scheme.mode() == Scheme.Mode.AFFINE ? weightType : DType.U8;
        return new Quantized(
                scheme,
                scaleType,
                MemorySegment.ofArray(quantizer.packed),
                quantizer.scales,
                quantizer.biases,
                quantizer.squares,
                quantizer.errorSquares);
    }

    /** Writes the numbers of a row, those of the type that most models are published in with vector instructions. */
    public static void read(Weight weight, int row, float[] into, int at, Room room) {
        if (room.vectors && weight.format() instanceof QuantFormat.Dense dense && dense.type() == DType.BF16) {
            Weight.Plane values = weight.values();
            AffineCodes.fromBfloat16(values.bytes(), row * values.rowBytes(), weight.columns(), into, at);
        } else {
            RowDecoder.decode(weight, row, into, at);
        }
    }

    /**
     * Rounds the first {@code count} numbers to the type that a checkpoint was published in, where they stand.
     *
     * @return where the first one is that is not finite then; -1 when all are
     */
    public static int round(float[] values, int count, DType type, Room room) {
        return room.vectors ? AffineCodes.round(values, count, type) : AffineCodes.roundPlainly(values, 0, count, type);
    }

    private void affine(float[] values, int start, int group) {
        int most = (1 << scheme.bits()) - 1;
        float low = values[start];
        float high = low;
        for (int i = start + 1; i < start + scheme.groupSize(); i++) {
            low = Math.min(low, values[i]);
            high = Math.max(high, values[i]);
        }
        float scale = Math.max((high - low) / most, SMALLEST_SCALE);
        float edge = low;
        if (Math.abs(low) <= Math.abs(high)) {
            edge = high;
            scale = -scale;
        }
        float bias = 0;
        float zeroCode = (float) Math.rint(edge / scale);
        // Moves the scale so that zero falls on a code.
        if (zeroCode != 0) {
            scale = edge / zeroCode;
            bias = edge;
        }
        store(scales, type, group, scale);
        store(biases, type, group, bias);
        float storedScale = FloatEncoder.round(scale, type);
        float storedBias = FloatEncoder.round(bias, type);
        for (int i = 0; i < scheme.groupSize(); i++) {
            float code = (float) Math.rint((values[start + i] - bias) / scale);
            int kept = (int) Math.clamp(code, 0f, (float) most);
            pack(start + i, kept);
            compare(values[start + i], storedScale * kept + storedBias);
        }
    }

    /** The group's largest size divided by the largest that a code stands for. */
    private float part(float[] values, int start, float codeMost) {
        float largest = 0;
        for (int i = start; i < start + scheme.groupSize(); i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        return FloatEncoder.round(largest / codeMost, type);
    }

    private void floats(float[] values, int start, int group, byte scaleCode, float scale) {
        scales.set(ValueLayout.JAVA_BYTE, group, scaleCode);
        for (int i = start; i < start + scheme.groupSize(); i++) {
            float value = scale == 0 ? 0 : FloatEncoder.round(values[i] / scale, type);
            int code = scheme.bits() == 4 ? FloatEncoder.toE2m1(value, type) : FloatEncoder.toE4m3(value) & 0xFF;
            pack(i, code);
            compare(values[i], scale * (scheme.bits() == 4 ? Float8.fromE2m1(code) : Float8.fromE4m3((byte) code)));
        }
    }

    private void compare(float value, float readBack) {
        double difference = value - readBack;
        squares += (double) value * value;
        errorSquares += difference * difference;
    }

    /** Rows are whole bytes, so the stream runs on from row to row. */
    private void pack(int index, int code) {
        long bit = (long) index * scheme.bits();
        int at = (int) (bit >>> 3);
        int shifted = code << (bit & 7);
        packed[at] |= (byte) shifted;
        if (shifted > 0xFF) {
            packed[at + 1] |= (byte) (shifted >>> 8);
        }
    }

    private static void store(MemorySegment plane, DType type, int group, float value) {
        long at = (long) group * type.sizeBytes();
        switch (type) {
            case BF16 -> plane.set(SHORT, at, (short) (Float.floatToRawIntBits(Float8.roundToBfloat16(value)) >>> 16));
            case F16 -> plane.set(SHORT, at, Float.floatToFloat16(value));
            default -> plane.set(FLOAT, at, value);
        }
    }
}
