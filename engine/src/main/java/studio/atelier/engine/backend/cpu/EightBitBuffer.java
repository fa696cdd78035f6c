package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import studio.atelier.engine.tensor.Buffer;

/**
 * Rows of a cache as signed bytes, with one factor {@code d = max|x| / 127} for each 64 neighbours of a row: about half of
 * what bfloat16 takes. Outside the Java heap; freed with the last reference.
 *
 * @param codes {@code [T, width]}
 * @param factors {@code [T, groups]} floats
 * @param width elements of a row
 */
record EightBitBuffer(MemorySegment codes, MemorySegment factors, int width) implements Buffer {
    /** Neighbours with one factor; the last of a row may be fewer. */
    static final int GROUP = 64;

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_256;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_128;
    private static final int LANES = 8;

    /** Room for some rows. */
    static EightBitBuffer of(int rows, int width) {
        long groups = (long) rows * Math.ceilDiv(width, GROUP);
        return new EightBitBuffer(
                Arena.ofAuto().allocate((long) rows * width, 64),
                Arena.ofAuto().allocate(Float.BYTES * groups, 64),
                width);
    }

    /** Factors of a row. */
    int rowGroups() {
        return Math.ceilDiv(width, GROUP);
    }

    @Override
    public int capacity() {
        return Math.toIntExact(codes.byteSize());
    }

    @Override
    public long sizeBytes(int elements) {
        return elements + (long) Float.BYTES * elements / width * rowGroups();
    }

    @Override
    public void read(float[] target, int count) {
        for (int at = 0; at < count; at += width) {
            read(at / width, 0, Math.min(width, count - at), target, at);
        }
    }

    /** Columns {@code [column, column + count)} of a row as floats. */
    void read(int row, int column, int count, float[] to, int at) {
        int end = column + count;
        for (int from = column; from < end; ) {
            int last = Math.min(end, (from / GROUP + 1) * GROUP);
            float factor = factor(row, from / GROUP);
            int i = from;
            for (; i + LANES <= last; i += LANES) {
                values(row, i, factor).intoArray(to, at + i - column);
            }
            for (; i < last; i++) {
                to[at + i - column] = factor * codes.get(ValueLayout.JAVA_BYTE, (long) row * width + i);
            }
            from = last;
        }
    }

    /** As {@link #read}, rounded to bfloat16; the count is a multiple of 8, as is the first column. */
    void readHalves(int row, int column, int count, MemorySegment to, long toBytes) {
        for (int i = column; i < column + count; i += LANES) {
            IntVector bits = values(row, i, factor(row, i / GROUP)).reinterpretAsInts();
            IntVector even = bits.lanewise(VectorOperators.LSHR, 16).and(1).add(0x7FFF);
            ShortVector upper = (ShortVector)
                    bits.add(even).lanewise(VectorOperators.LSHR, 16).convertShape(VectorOperators.I2S, SHORTS, 0);
            upper.intoMemorySegment(to, toBytes + 2L * (i - column), ByteOrder.LITTLE_ENDIAN);
        }
    }

    private FloatVector values(int row, int column, float factor) {
        IntVector wide = (IntVector)
                ByteVector.fromMemorySegment(BYTES, codes, (long) row * width + column, ByteOrder.LITTLE_ENDIAN)
                        .convertShape(VectorOperators.B2I, INTS, 0);
        return ((FloatVector) wide.convertShape(VectorOperators.I2F, FLOATS, 0)).mul(factor);
    }

    private float factor(int row, int group) {
        return factors.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * rowGroups() + group);
    }

    /** Codes {@code rows} rows of floats from {@code firstRow} on; what is not finite makes its group NaN. */
    void write(float[] x, int rows, int firstRow) {
        for (int row = 0; row < rows; row++) {
            for (int from = 0; from < width; from += GROUP) {
                group(x, row * width + from, Math.min(GROUP, width - from), firstRow + row, from);
            }
        }
    }

    private void group(float[] x, int at, int count, int row, int column) {
        float largest = 0;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, Math.abs(x[i]));
        }
        // A factor whose inverse is no float stands for zeros; an infinite one for no number.
        float factor = largest / 127;
        float inverse = factor >= Float.MIN_NORMAL ? 1 / factor : 0;
        if (largest == Float.POSITIVE_INFINITY) {
            factor = Float.NaN;
        }
        factors.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * rowGroups() + column / GROUP, factor);
        for (int i = 0; i < count; i++) {
            codes.set(ValueLayout.JAVA_BYTE, (long) row * width + column + i, (byte) Math.round(x[at + i] * inverse));
        }
    }

    /** Takes over the first rows of a shorter one. */
    void copy(EightBitBuffer from, int rows) {
        MemorySegment.copy(from.codes, 0, codes, 0, (long) rows * width);
        MemorySegment.copy(from.factors, 0, factors, 0, (long) Float.BYTES * rows * rowGroups());
    }
}
