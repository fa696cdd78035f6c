package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Float8;
import studio.atelier.engine.tensor.RowDecoder;

/**
 * Codes of MLX's affine quantization with vector instructions: the same numbers, bit for bit, as {@code Quantizer}'s plain
 * loop. Rows are whole groups, so a matrix is a sequence of groups here.
 */
public final class AffineCodes {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, FLOATS.length() * Byte.SIZE)));
    private static final VectorSpecies<Short> HALVES =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, FLOATS.length() * Short.SIZE)));
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTEGERS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final float SMALLEST_SCALE = 1e-7f;
    /** Added to a small number, its last bit stands for one: the sum is rounded to a whole number, half to even. */
    private static final float TO_WHOLE = 12_582_912f;

    /** Groups whose errors are added up in floats. */
    private static final int TOGETHER = 64;

    private AffineCodes() {}

    /** Whether this machine's vectors are wide enough to be worth it. */
    public static boolean isUsable() {
        return FLOATS.length() >= 8;
    }

    /**
     * Quantizes.
     *
     * @param values groups one after another, finite, already rounded to {@code type}
     * @param packed takes the codes: one little-endian bit stream
     * @param scales takes a scale for each group, rounded to {@code type}
     * @param biases likewise
     * @return the sum of the numbers' squares, and that of the differences' once the codes are read back
     */
    public static double[] quantize(
            float[] values,
            int groups,
            int groupSize,
            int bits,
            DType type,
            byte[] packed,
            float[] scales,
            float[] biases) {
        byte[] codes = new byte[groupSize + Long.BYTES];
        double[] sums = new double[2];
        for (int from = 0; from < groups; from += TOGETHER) {
            int to = Math.min(groups, from + TOGETHER);
            quantize(values, from, to, groupSize, bits, type, packed, scales, biases, codes, sums);
        }
        return sums;
    }

    /** Some groups: a method of its own, so that what was compiled for few is not thrown away when there are many. */
    private static void quantize(
            float[] values,
            int from,
            int to,
            int groupSize,
            int bits,
            DType type,
            byte[] packed,
            float[] scales,
            float[] biases,
            byte[] codes,
            double[] sums) {
        float most = (1 << bits) - 1;
        FloatVector squareSums = FloatVector.zero(FLOATS);
        FloatVector errorSums = squareSums;
        for (int group = from; group < to; group++) {
            int start = group * groupSize;
            FloatVector lows = FloatVector.fromArray(FLOATS, values, start);
            FloatVector highs = lows;
            for (int i = FLOATS.length(); i < groupSize; i += FLOATS.length()) {
                FloatVector next = FloatVector.fromArray(FLOATS, values, start + i);
                lows = lows.blend(next, next.compare(VectorOperators.LT, lows));
                highs = highs.blend(next, next.compare(VectorOperators.GT, highs));
            }
            float low = lows.reduceLanes(VectorOperators.MIN);
            float high = highs.reduceLanes(VectorOperators.MAX);
            float edge = Math.abs(low) <= Math.abs(high) ? high : low;
            float scale = firstScale(low, high, most);
            float bias = 0;
            float zeroCode = (float) Math.rint(edge / scale);
            if (zeroCode != 0) {
                scale = edge / zeroCode;
                bias = edge;
            }
            float storedScale = rounded(scale, type);
            float storedBias = rounded(bias, type);
            scales[group] = storedScale;
            biases[group] = storedBias;
            for (int i = 0; i < groupSize; i += FLOATS.length()) {
                FloatVector value = FloatVector.fromArray(FLOATS, values, start + i);
                FloatVector code = value.sub(bias).div(scale).max(0).min(most).add(TO_WHOLE);
                IntVector whole = code.reinterpretAsInts();
                ((ByteVector) whole.convertShape(VectorOperators.I2B, BYTES, 0)).intoArray(codes, i);
                FloatVector back = code.sub(TO_WHOLE).mul(storedScale).add(storedBias);
                FloatVector difference = value.sub(back);
                squareSums = value.fma(value, squareSums);
                errorSums = difference.fma(difference, errorSums);
            }
            pack(codes, groupSize, bits, packed, group * (groupSize * bits / 8));
        }
        sums[0] += LaneSum.of(squareSums);
        sums[1] += LaneSum.of(errorSums);
    }

    /**
     * The same without vectors, bit for bit, the sums too: until vector loops are compiled each of their vectors is an
     * object, hundreds of megabytes of them ({@link VectorReadiness}).
     */
    public static double[] quantizePlainly(
            float[] values,
            int groups,
            int groupSize,
            int bits,
            DType type,
            byte[] packed,
            float[] scales,
            float[] biases) {
        byte[] codes = new byte[groupSize + Long.BYTES];
        float most = (1 << bits) - 1;
        int lanes = FLOATS.length();
        double squares = 0;
        double errors = 0;
        float[] squareSums = new float[lanes];
        float[] errorSums = new float[lanes];
        for (int from = 0; from < groups; from += TOGETHER) {
            Arrays.fill(squareSums, 0);
            Arrays.fill(errorSums, 0);
            for (int group = from; group < Math.min(groups, from + TOGETHER); group++) {
                int start = group * groupSize;
                float low = values[start];
                float high = low;
                for (int i = 1; i < groupSize; i++) {
                    low = Math.min(low, values[start + i]);
                    high = Math.max(high, values[start + i]);
                }
                float edge = Math.abs(low) <= Math.abs(high) ? high : low;
                float scale = firstScale(low, high, most);
                float bias = 0;
                float zeroCode = (float) Math.rint(edge / scale);
                if (zeroCode != 0) {
                    scale = edge / zeroCode;
                    bias = edge;
                }
                scales[group] = rounded(scale, type);
                biases[group] = rounded(bias, type);
                for (int i = 0; i < groupSize; i++) {
                    float value = values[start + i];
                    float code = Math.min(Math.max((value - bias) / scale, 0), most) + TO_WHOLE;
                    codes[i] = (byte) Float.floatToRawIntBits(code);
                    float difference = value - ((code - TO_WHOLE) * scales[group] + biases[group]);
                    int lane = i % lanes;
                    squareSums[lane] = Math.fma(value, value, squareSums[lane]);
                    errorSums[lane] = Math.fma(difference, difference, errorSums[lane]);
                }
                pack(codes, groupSize, bits, packed, group * (groupSize * bits / 8));
            }
            squares += LaneSum.of(squareSums);
            errors += LaneSum.of(errorSums);
        }
        return new double[] {squares, errors};
    }

    /** Before it is moved so that zero falls on a code. */
    private static float firstScale(float low, float high, float most) {
        float scale = Math.max((high - low) / most, SMALLEST_SCALE);
        return Math.abs(low) <= Math.abs(high) ? -scale : scale;
    }

    private static float rounded(float value, DType type) {
        return switch (type) {
            case BF16 -> Float8.roundToBfloat16(value);
            case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
            default -> value;
        };
    }

    /** Eight codes at a time: pairs, fours and then all eight move together until no bit is between them. */
    private static void pack(byte[] codes, int count, int bits, byte[] packed, int at) {
        int mask = (1 << bits) - 1;
        long everyByte = 0x0101010101010101L * mask;
        int next = at;
        for (int i = 0; i < count; i += Long.BYTES) {
            long eight = (long) LONGS.get(codes, i) & everyByte;
            eight = eight & 0x00FF00FF00FF00FFL | (eight & 0xFF00FF00FF00FF00L) >>> (8 - bits);
            eight = eight & 0x0000FFFF0000FFFFL | (eight & 0xFFFF0000FFFF0000L) >>> (16 - 2 * bits);
            eight = eight & 0x00000000FFFFFFFFL | (eight & 0xFFFFFFFF00000000L) >>> (32 - 4 * bits);
            if (bits == 4) {
                INTEGERS.set(packed, next, (int) eight);
            } else if (bits == 8) {
                LONGS.set(packed, next, eight);
            } else {
                for (int b = 0; b < bits; b++) {
                    packed[next + b] = (byte) (eight >>> (8 * b));
                }
            }
            next += bits;
        }
    }

    /**
     * Rounds numbers to a type where they stand, as a checkpoint of that type would have held them.
     *
     * @return where the first number is that is not finite; -1 when all are
     */
    public static int round(float[] values, int count, DType type) {
        int i = 0;
        if (type == DType.BF16) {
            for (; i < FLOATS.loopBound(count); i += FLOATS.length()) {
                IntVector bitsOf = FloatVector.fromArray(FLOATS, values, i).reinterpretAsInts();
                VectorMask<Integer> strange = bitsOf.and(0x7F800000).compare(VectorOperators.EQ, 0x7F800000);
                IntVector even =
                        bitsOf.lanewise(VectorOperators.LSHR, 16).and(1).add(0x7FFF);
                IntVector shortened = bitsOf.add(even).and(0xFFFF0000);
                if (strange.or(shortened.and(0x7F800000).compare(VectorOperators.EQ, 0x7F800000))
                        .anyTrue()) {
                    break;
                }
                shortened.reinterpretAsFloats().intoArray(values, i);
            }
        }
        return roundPlainly(values, i, count, type);
    }

    /** The same without vectors, from the number {@code first} on. */
    public static int roundPlainly(float[] values, int first, int count, DType type) {
        for (int i = first; i < count; i++) {
            values[i] = rounded(values[i], type);
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    /** Decodes {@code count} BF16 patterns as they lie in a file, from byte {@code from} on. */
    public static void fromBfloat16(MemorySegment bytes, long from, int count, float[] into, int at) {
        int i = 0;
        for (; i < FLOATS.loopBound(count); i += FLOATS.length()) {
            ShortVector patterns = ShortVector.fromMemorySegment(HALVES, bytes, from + 2L * i, ByteOrder.LITTLE_ENDIAN);
            IntVector words = (IntVector) patterns.convertShape(VectorOperators.S2I, INTS, 0);
            words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(into, at + i);
        }
        for (; i < count; i++) {
            into[at + i] = Float8.fromBfloat16(bytes.get(RowDecoder.SHORT, from + 2L * i));
        }
    }
}
