package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of x as 8-bit codes, for products with 4-bit weights.
 *
 * <p>Each group of 64 neighbours has one factor {@code d = max|x| / 127} and codes {@code q = round(x / d)}, ties to even;
 * beside them lies the group's exact sum. The relative error of a product is that of the codes, about 0.4 % of a group's
 * largest element.
 *
 * <p>Layout of a row: 128 bytes of codes for two groups (32 even columns of the first, 32 of the second, then the odd
 * ones in the same order), then the factors and then the sums as floats, with room for a multiple of eight
 * each; the next row begins at a multiple of 64. A group with a number that is not finite has NaN as factor and sum, so that
 * everything it touches becomes NaN.
 */
final class Activations {
    /** Columns with one factor. */
    static final int GROUP = 64;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    /** Adding it rounds a float to a whole number, ties to even, and leaves the number in the lowest bits. */
    private static final float ROUNDER = 12_582_912f;
    /** Below this the factor's inverse would not be a float; such groups count as zeros. */
    private static final float SMALLEST = 1e-36f;

    private MemorySegment memory = MemorySegment.NULL;
    private int columns;
    private int rows;
    private int groups;
    private int scalesAt;
    private int sumsAt;
    private int rowBytes;
    private boolean few;

    /** Makes room for rows of this width; what was in it is lost. */
    void shape(int newRows, int newColumns) {
        if (newColumns % GROUP != 0) {
            throw new IllegalArgumentException("columns: expected a multiple of 64, got " + newColumns);
        }
        rows = newRows;
        columns = newColumns;
        groups = newColumns / GROUP;
        int padded = Math.ceilDiv(groups, 8) * 8;
        scalesAt = Math.ceilDiv(groups, 2) * 2 * GROUP;
        sumsAt = scalesAt + 4 * padded;
        rowBytes = Math.ceilDiv(sumsAt + 4 * padded, 64) * 64;
        if (rowBytes % 4096 == 0) {
            // Rows at the same place of every page would push each other out of the cache.
            rowBytes += 64;
        }
        long needed = (long) rows * rowBytes;
        if (memory.byteSize() < needed) {
            memory = Arena.ofAuto().allocate(Math.max(needed, 2 * memory.byteSize()), 64);
        }
    }

    int rows() {
        return rows;
    }

    /** Says whether these are the rows of at most {@link NibbleProducts#FEW_POSITIONS} positions. */
    void ofFewPositions(boolean value) {
        few = value;
    }

    /** Whether a row's product must not depend on how many others stand beside it. */
    boolean ofFewPositions() {
        return few;
    }

    int columns() {
        return columns;
    }

    int groups() {
        return groups;
    }

    /** Bytes from one row to the next. */
    int rowBytes() {
        return rowBytes;
    }

    /** Address of a row's codes. */
    long codes(int row) {
        return memory.address() + (long) row * rowBytes;
    }

    /** Address of a group's even codes; its odd ones lie 64 bytes behind. */
    long codes(int row, int group) {
        return codes(row) + group / 2 * 128 + group % 2 * 32;
    }

    /** Address of a row's factors. */
    long scales(int row) {
        return codes(row) + scalesAt;
    }

    /** Address of a row's sums. */
    long sums(int row) {
        return codes(row) + sumsAt;
    }

    float scale(int row, int group) {
        return memory.get(FLOAT, (long) row * rowBytes + scalesAt + 4L * group);
    }

    float sum(int row, int group) {
        return memory.get(FLOAT, (long) row * rowBytes + sumsAt + 4L * group);
    }

    /** The code of a column within a group. */
    byte code(int row, int group, int column) {
        int at = group / 2 * 128 + group % 2 * 32 + column % 2 * 64 + column / 2;
        return memory.get(ValueLayout.JAVA_BYTE, (long) row * rowBytes + at);
    }

    /** Codes a whole row from {@code x[at ..]}. */
    void quantize(int row, float[] x, int at) {
        for (int group = 0; group < groups; group++) {
            quantizeGroup(row, group, x, at + group * GROUP);
        }
    }

    /** Codes one group of a row from {@code x[at ..]}. */
    void quantizeGroup(int row, int group, float[] x, int at) {
        float largest = 0;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        for (int i = at; i < at + GROUP; i += 4) {
            largest = Math.max(largest, Math.max(Math.abs(x[i]), Math.abs(x[i + 1])));
            largest = Math.max(largest, Math.max(Math.abs(x[i + 2]), Math.abs(x[i + 3])));
            sum0 += x[i];
            sum1 += x[i + 1];
            sum2 += x[i + 2];
            sum3 += x[i + 3];
        }
        float scale = largest / 127;
        float sum = (sum0 + sum1) + (sum2 + sum3);
        float inverse = 127 / largest;
        if (!(largest >= SMALLEST)) {
            scale = largest < SMALLEST ? 0 : Float.NaN;
            inverse = 0;
        } else if (largest == Float.POSITIVE_INFINITY) {
            scale = Float.NaN;
            sum = Float.NaN;
        }
        long start = (long) row * rowBytes;
        memory.set(FLOAT, start + scalesAt + 4L * group, scale);
        memory.set(FLOAT, start + sumsAt + 4L * group, sum);
        long codesAt = start + group / 2 * 128 + group % 2 * 32;
        for (int i = 0; i < GROUP; i += 8) {
            int even = code(x[at + i], inverse)
                    | code(x[at + i + 2], inverse) << 8
                    | code(x[at + i + 4], inverse) << 16
                    | code(x[at + i + 6], inverse) << 24;
            int odd = code(x[at + i + 1], inverse)
                    | code(x[at + i + 3], inverse) << 8
                    | code(x[at + i + 5], inverse) << 16
                    | code(x[at + i + 7], inverse) << 24;
            memory.set(INT, codesAt + i / 2, even);
            memory.set(INT, codesAt + 64 + i / 2, odd);
        }
    }

    private static int code(float x, float inverse) {
        return Float.floatToRawIntBits(x * inverse + ROUNDER) & 0xFF;
    }

    /** Copies a coded row of another; both have the same columns. */
    void copyRow(int row, Activations from, int fromRow) {
        MemorySegment.copy(from.memory, (long) fromRow * rowBytes, memory, (long) row * rowBytes, rowBytes);
    }

    /** Whether a row has the same codes as another's, one step more or less where rounding is near, and equal factors. */
    boolean agrees(Activations other, int row) {
        for (int group = 0; group < groups; group++) {
            if (scale(row, group) != other.scale(row, group)
                    || Math.abs(sum(row, group) - other.sum(row, group)) > 1e-4f * GROUP * 127 * scale(row, group)) {
                return false;
            }
            for (int column = 0; column < GROUP; column++) {
                if (Math.abs(code(row, group, column) - other.code(row, group, column)) > 1) {
                    return false;
                }
            }
        }
        return true;
    }
}
