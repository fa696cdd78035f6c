package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.Float8;

/** Rows of a KV cache, kept as floats, as bfloat16, the upper half of a float, or in 8 bits. */
final class CacheRows {
    private static final VectorSpecies<Float> FLOATS =
            ShortVector.SPECIES_PREFERRED.length() >= 16 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED.withShape(FLOATS.vectorShape());
    private static final VectorSpecies<Short> SHORTS =
            FLOATS.length() == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;

    private static final int NOT_A_NUMBER = 0x7FC0;

    private CacheRows() {}

    /**
     * Reads columns {@code [column, column + width)} of {@code count} rows of {@code rowFloats} elements from {@code row}
     * on; row {@code i} goes to {@code to[at + i * stride ..]}.
     */
    static void read(
            Buffer cache, int rowFloats, int row, int count, int column, int width, float[] to, int at, int stride) {
        for (int i = 0; i < count; i++) {
            int from = (row + i) * rowFloats + column;
            if (cache instanceof EightBitBuffer bytes) {
                bytes.read(row + i, column, width, to, at + i * stride);
            } else if (cache instanceof HalfBuffer(MemorySegment halves)) {
                widen(halves, from, width, to, at + i * stride);
            } else {
                System.arraycopy(HeapBuffer.of(cache), from, to, at + i * stride, width);
            }
        }
    }

    private static void widen(MemorySegment halves, int from, int count, float[] to, int at) {
        int bound = FLOATS.loopBound(count);
        int i = 0;
        for (; i < bound; i += FLOATS.length()) {
            IntVector words =
                    (IntVector) ShortVector.fromMemorySegment(SHORTS, halves, 2L * (from + i), ByteOrder.LITTLE_ENDIAN)
                            .convertShape(VectorOperators.S2I, INTS, 0);
            words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(to, at + i);
        }
        for (; i < count; i++) {
            to[at + i] = Float8.fromBfloat16(halves.getAtIndex(ValueLayout.JAVA_SHORT, from + i));
        }
    }

    /** Writes {@code count} elements of {@code x} into a cache from element {@code at} on. */
    static void write(Buffer x, int count, Buffer cache, int at) {
        if (cache instanceof EightBitBuffer bytes) {
            if (x instanceof EightBitBuffer old) {
                bytes.copy(old, count / bytes.width());
            } else {
                bytes.write(HeapBuffer.of(x), count / bytes.width(), at / bytes.width());
            }
        } else if (cache instanceof HalfBuffer(MemorySegment halves)) {
            if (x instanceof HalfBuffer(MemorySegment old)) {
                MemorySegment.copy(old, 0, halves, 2L * at, 2L * count);
            } else {
                narrow(HeapBuffer.of(x), 0, count, halves, at);
            }
        } else {
            System.arraycopy(HeapBuffer.of(x), 0, HeapBuffer.of(cache), at, count);
        }
    }

    /** To the nearest, ties to even; {@code at} counts elements. */
    static void narrow(float[] x, int xAt, int count, MemorySegment halves, long at) {
        int i = 0;
        for (; i < FLOATS.loopBound(count); i += FLOATS.length()) {
            FloatVector values = FloatVector.fromArray(FLOATS, x, xAt + i);
            IntVector bits = values.reinterpretAsInts();
            IntVector rounded = bits.lanewise(VectorOperators.LSHR, 16)
                    .and(1)
                    .add(0x7FFF)
                    .add(bits)
                    .lanewise(VectorOperators.LSHR, 16)
                    .blend(NOT_A_NUMBER, values.test(VectorOperators.IS_NAN).cast(INTS));
            ((ShortVector) rounded.convertShape(VectorOperators.I2S, SHORTS, 0))
                    .intoMemorySegment(halves, 2 * (at + i), ByteOrder.LITTLE_ENDIAN);
        }
        for (; i < count; i++) {
            int bits = Float.floatToRawIntBits(x[xAt + i]);
            int rounded = bits + 0x7FFF + (bits >>> 16 & 1) >>> 16;
            halves.setAtIndex(
                    ValueLayout.JAVA_SHORT, at + i, (short) (Float.isNaN(x[xAt + i]) ? NOT_A_NUMBER : rounded));
        }
    }
}
