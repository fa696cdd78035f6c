package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import studio.atelier.engine.backend.cpu.emit.CodeForm;

/**
 * Rows of x as 8-bit codes, for products with weights of one {@link CodeForm}.
 *
 * <p>Each group of neighbours, as many as share a scale of the weight, has one factor {@code d = max|x| / 127} and codes
 * {@code q = round(x / d)}, ties to even; beside them lie the group's exact sum, and the number that whole-number sums
 * begin with: the codes' sum times the weight's middle, taken off. The relative error of a product is that of the codes,
 * about 0.4 % of a group's largest element. Where a weight's codes count in halves the factor is halved.
 *
 * <p>Layout of a row: codes, in the order of columns or else 128 bytes for two blocks of 64 (32 even columns of the
 * first, 32 of the second, then the odd ones in the same order); then the factors, the sums and the starts, of 32 bits
 * and with room for a multiple of eight each; the next row begins at a multiple of 64. A group with a number that is not
 * finite has NaN as factor and sum, so that everything it touches becomes NaN.
 */
final class Activations {
    /** Columns that are coded together: one group or two. */
    static final int BLOCK = CodeForm.BLOCK;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    /** Adding it rounds a float to a whole number, ties to even, and leaves the number in the lowest bits. */
    private static final float ROUNDER = 12_582_912f;
    /** Below this the factor's inverse would not be a float; such groups count as zeros. */
    private static final float SMALLEST = 1e-36f;

    private MemorySegment memory = MemorySegment.NULL;
    private CodeForm form = CodeForm.NIBBLES;
    private int columns;
    private int rows;
    private int groups;
    private int scalesAt;
    private int sumsAt;
    private int startsAt;
    private int rowBytes;
    private boolean few;
    private long shapings;

    /** Makes room for rows of this width; what was in it is lost. */
    void shape(int newRows, int newColumns, CodeForm newForm) {
        if (newColumns % BLOCK != 0) {
            throw new IllegalArgumentException("columns: expected a multiple of 64, got " + newColumns);
        }
        shapings++;
        form = newForm;
        rows = newRows;
        columns = newColumns;
        groups = newColumns / newForm.groupSize();
        int padded = Math.ceilDiv(groups, 8) * 8;
        scalesAt = Math.ceilDiv(newColumns, 2 * BLOCK) * 2 * BLOCK;
        sumsAt = scalesAt + 4 * padded;
        startsAt = sumsAt + 4 * padded;
        rowBytes = Math.ceilDiv(startsAt + 4 * padded, 64) * 64;
        if (rowBytes % 4096 == 0) {
            // Rows at the same place of every page would push each other out of the cache.
            rowBytes += 64;
        }
        long needed = (long) rows * rowBytes;
        if (memory.byteSize() < needed) {
            memory = Arena.ofAuto().allocate(Math.max(needed, 2 * memory.byteSize()), 64);
        }
    }

    /** Differs whenever there may be other codes than before. */
    long shapings() {
        return shapings;
    }

    CodeForm form() {
        return form;
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

    /** Blocks of {@link #BLOCK} columns. */
    int blocks() {
        return columns / BLOCK;
    }

    /** Bytes from one row to the next. */
    int rowBytes() {
        return rowBytes;
    }

    /** Address of a row's codes. */
    long codes(int row) {
        return memory.address() + (long) row * rowBytes;
    }

    /** Address of a block's codes; where even ones come first, odd ones lie 64 bytes behind. */
    long codes(int row, int block) {
        return codes(row) + codesAt(block);
    }

    private int codesAt(int block) {
        return form.isInOrder() ? block * BLOCK : block / 2 * 128 + block % 2 * 32;
    }

    /** Address of a row's factors. */
    long scales(int row) {
        return codes(row) + scalesAt;
    }

    /** Address of a row's sums. */
    long sums(int row) {
        return codes(row) + sumsAt;
    }

    /** Address of a row's starts. */
    long starts(int row) {
        return codes(row) + startsAt;
    }

    float scale(int row, int group) {
        return memory.get(FLOAT, (long) row * rowBytes + scalesAt + 4L * group);
    }

    float sum(int row, int group) {
        return memory.get(FLOAT, (long) row * rowBytes + sumsAt + 4L * group);
    }

    int start(int row, int group) {
        return memory.get(INT, (long) row * rowBytes + startsAt + 4L * group);
    }

    /** The code of a column within a group. */
    byte code(int row, int group, int column) {
        int whole = group * form.groupSize() + column;
        int within = whole % BLOCK;
        int at = codesAt(whole / BLOCK) + (form.isInOrder() ? within : within % 2 * 64 + within / 2);
        return memory.get(ValueLayout.JAVA_BYTE, (long) row * rowBytes + at);
    }

    /** Codes a whole row from {@code x[at ..]}. */
    void quantize(int row, float[] x, int at) {
        for (int block = 0; block < blocks(); block++) {
            quantizeBlock(row, block, x, at + block * BLOCK);
        }
    }

    /** Codes one block of a row from {@code x[at ..]}. */
    void quantizeBlock(int row, int block, float[] x, int at) {
        for (int group = 0; group < form.blockGroups(); group++) {
            quantizeGroup(row, block, group, x, at + group * form.groupSize());
        }
    }

    private void quantizeGroup(int row, int block, int groupOfBlock, float[] x, int at) {
        int size = form.groupSize();
        float largest = 0;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        for (int i = at; i < at + size; i += 4) {
            largest = Math.max(largest, Math.max(Math.abs(x[i]), Math.abs(x[i + 1])));
            largest = Math.max(largest, Math.max(Math.abs(x[i + 2]), Math.abs(x[i + 3])));
            sum0 += x[i];
            sum1 += x[i + 1];
            sum2 += x[i + 2];
            sum3 += x[i + 3];
        }
        float scale = largest / (127 / form.unit());
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
        int group = block * form.blockGroups() + groupOfBlock;
        memory.set(FLOAT, start + scalesAt + 4L * group, scale);
        memory.set(FLOAT, start + sumsAt + 4L * group, sum);
        int total = form.isInOrder()
                ? inOrder(start + codesAt(block) + groupOfBlock * size, x, at, inverse)
                : evenFirst(start + codesAt(block) + groupOfBlock * (size / 2), x, at, inverse);
        memory.set(INT, start + startsAt + 4L * group, -form.middle() * total);
    }

    /** Codes a group; its codes' sum. */
    private int inOrder(long codesAt, float[] x, int at, float inverse) {
        int total = 0;
        for (int i = 0; i < form.groupSize(); i++) {
            byte code = (byte) code(x[at + i], inverse);
            total += code;
            memory.set(ValueLayout.JAVA_BYTE, codesAt + i, code);
        }
        return total;
    }

    private int evenFirst(long codesAt, float[] x, int at, float inverse) {
        int total = 0;
        for (int i = 0; i < form.groupSize(); i += 2) {
            byte even = (byte) code(x[at + i], inverse);
            byte odd = (byte) code(x[at + i + 1], inverse);
            total += even + odd;
            memory.set(ValueLayout.JAVA_BYTE, codesAt + i / 2, even);
            memory.set(ValueLayout.JAVA_BYTE, codesAt + 64 + i / 2, odd);
        }
        return total;
    }

    private static int code(float x, float inverse) {
        return Float.floatToRawIntBits(x * inverse + ROUNDER) & 0xFF;
    }

    /** Copies a coded row of another; both have the same form and columns. */
    void copyRow(int row, Activations from, int fromRow) {
        MemorySegment.copy(from.memory, (long) fromRow * rowBytes, memory, (long) row * rowBytes, rowBytes);
    }

    /** Whether a row has the same codes as another's, one step more or less where rounding is near, and equal factors. */
    boolean agrees(Activations other, int row) {
        for (int group = 0; group < groups; group++) {
            if (scale(row, group) != other.scale(row, group)
                    || Math.abs(sum(row, group) - other.sum(row, group)) > 1e-4f * BLOCK * 254 * scale(row, group)
                    || start(row, group) != -form.middle() * total(row, group)) {
                return false;
            }
            for (int column = 0; column < form.groupSize(); column++) {
                if (Math.abs(code(row, group, column) - other.code(row, group, column)) > 1) {
                    return false;
                }
            }
        }
        return true;
    }

    private int total(int row, int group) {
        int total = 0;
        for (int column = 0; column < form.groupSize(); column++) {
            total += code(row, group, column);
        }
        return total;
    }
}
