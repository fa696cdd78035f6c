package studio.atelier.engine.backend.cpu.emit;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a kernel is called with: numbers and addresses at fixed places of one block of memory. One block for each thread;
 * kernels may change it, so everything is set anew before a call.
 */
public final class Arguments {
    /** Packed values, scales and biases of the first row. */
    static final int VALUES = 0;

    static final int SCALES = 8;
    static final int BIASES = 16;
    /** Bytes from one row to the next. */
    static final int VALUE_STRIDE = 24;

    static final int SCALE_STRIDE = 32;
    static final int BIAS_STRIDE = 40;
    /** Rows of the weight. */
    static final int ROWS = 48;
    /** Groups of columns. */
    static final int GROUPS = 56;
    /** 8-bit codes, factors and sums of the first row of x. */
    static final int CODES = 64;

    static final int CODE_SCALES = 72;
    static final int CODE_SUMS = 80;
    /** Bytes from one row of x to the next, the same for all. */
    static final int TOKEN_STRIDE = 88;
    /** Rows of x. */
    static final int TOKENS = 96;
    /** Where results go. */
    static final int OUT = 104;
    /** Bytes from the results of one row of x to those of the next, for row kernels. */
    static final int OUT_STRIDE = 112;
    /** Turned weights. */
    static final int TILES = 120;

    /** A bit for each group of a row that is left behind whole sixteens. */
    static final int LAST_LANES = 128;

    /** Blocks of 64 columns. */
    static final int BLOCKS = 136;

    /** What the whole-number sums of the first row of x begin with. */
    static final int CODE_STARTS = 144;

    /** Bytes of one turned block. */
    static final int TILE_STRIDE = 152;

    /** Sums of earlier columns, of all rows of x for each row of the weight; none at the first columns. */
    static final int CARRIED_IN = 160;

    /** Where sums wait for further columns; none at the last columns, which store results. */
    static final int CARRIED_OUT = 168;

    /** How far from what is read that lies which is read a little later: of values, and of scales and biases. */
    static final int VALUES_AHEAD = 176;

    static final int SCALES_AHEAD = 184;

    private static final int SIZE_BYTES = 192;

    private final MemorySegment block;

    /** A block that lives as long as the arena. */
    public Arguments(Arena arena) {
        this.block = arena.allocate(SIZE_BYTES, 64);
    }

    long address() {
        return block.address();
    }

    /** The rows of a weight: addresses of the first, bytes between them, how many. */
    public void setWeight(long values, long valueStride, long scales, long scaleStride, long biases, long biasStride) {
        block.set(JAVA_LONG, VALUES, values);
        block.set(JAVA_LONG, SCALES, scales);
        block.set(JAVA_LONG, BIASES, biases);
        block.set(JAVA_LONG, VALUE_STRIDE, valueStride);
        block.set(JAVA_LONG, SCALE_STRIDE, scaleStride);
        block.set(JAVA_LONG, BIAS_STRIDE, biasStride);
    }

    /** How many rows of the weight, and blocks of 64 columns and groups in each. */
    public void setSize(int rows, int blocks, int groups) {
        block.set(JAVA_LONG, ROWS, rows);
        block.set(JAVA_LONG, BLOCKS, blocks);
        block.set(JAVA_LONG, GROUPS, groups);
        block.set(JAVA_LONG, LAST_LANES, (1L << groups % 16) - 1);
    }

    /** Rows of x: addresses of what the first has, bytes between them, how many. */
    public void setActivations(long codes, long scales, long sums, long starts, long stride, int tokens) {
        block.set(JAVA_LONG, CODES, codes);
        block.set(JAVA_LONG, CODE_SCALES, scales);
        block.set(JAVA_LONG, CODE_SUMS, sums);
        block.set(JAVA_LONG, CODE_STARTS, starts);
        block.set(JAVA_LONG, TOKEN_STRIDE, stride);
        block.set(JAVA_LONG, TOKENS, tokens);
    }

    /** Where results go, and for row kernels the bytes between those of two rows of x. */
    public void setOut(long address, long stride) {
        block.set(JAVA_LONG, OUT, address);
        block.set(JAVA_LONG, OUT_STRIDE, stride);
    }

    /** Where sums of earlier columns lie and where they go, or 0; for row kernels that know stretches. */
    public void setCarried(long in, long out) {
        block.set(JAVA_LONG, CARRIED_IN, in);
        block.set(JAVA_LONG, CARRIED_OUT, out);
    }

    /** Bytes from what is read to what is to be asked for meanwhile; for row kernels that know stretches. */
    public void setAhead(long values, long scales) {
        block.set(JAVA_LONG, VALUES_AHEAD, values);
        block.set(JAVA_LONG, SCALES_AHEAD, scales);
    }

    /** Where turned weights lie, and bytes from 16 rows of them to the next. */
    public void setTiles(long address, long stride) {
        block.set(JAVA_LONG, TILES, address);
        block.set(JAVA_LONG, TILE_STRIDE, stride);
    }

    /** Blocks of 64 floats to code: where they lie, where what the first one becomes goes, how many they are. */
    public void setCoding(long floats, long codes, long scales, long sums, long starts, int blocks, int firstStep) {
        block.set(JAVA_LONG, VALUES, floats);
        block.set(JAVA_LONG, CODES, codes);
        block.set(JAVA_LONG, CODE_SCALES, scales);
        block.set(JAVA_LONG, CODE_SUMS, sums);
        block.set(JAVA_LONG, CODE_STARTS, starts);
        block.set(JAVA_LONG, BLOCKS, blocks);
        block.set(JAVA_LONG, ROWS, firstStep);
    }

    /**
     * A tile of keys in one or two parts: address of the first key's part, bytes from one key to the next, and its
     * length in 32 elements, which for the second may be 0; how many keys; queries; where scores go.
     */
    public void setKeys(long keys, long stride, int blocks, long others, long otherStride, int otherBlocks, int count) {
        block.set(JAVA_LONG, VALUES, keys);
        block.set(JAVA_LONG, VALUE_STRIDE, stride);
        block.set(JAVA_LONG, GROUPS, blocks);
        block.set(JAVA_LONG, SCALES, others);
        block.set(JAVA_LONG, SCALE_STRIDE, otherStride);
        block.set(JAVA_LONG, BIASES, otherBlocks);
        block.set(JAVA_LONG, ROWS, count);
    }

    /**
     * A tile of values: address of the first, bytes from one to the next, length in 64 elements, how many; where what
     * earlier results shrink by lies.
     */
    public void setValues(long values, long stride, int blocks, int count, long shrink) {
        block.set(JAVA_LONG, BIASES, shrink);
        block.set(JAVA_LONG, VALUES, values);
        block.set(JAVA_LONG, VALUE_STRIDE, stride);
        block.set(JAVA_LONG, GROUPS, blocks);
        block.set(JAVA_LONG, ROWS, count);
    }

    /** Rows of an 8-bit cache: codes and factors of the first, bytes between rows; blocks, rows; where they go. */
    public void setWiden(long codes, long codeStride, long factors, long factorStride, int blocks, int rows, long out) {
        block.set(JAVA_LONG, VALUES, codes);
        block.set(JAVA_LONG, VALUE_STRIDE, codeStride);
        block.set(JAVA_LONG, SCALES, factors);
        block.set(JAVA_LONG, SCALE_STRIDE, factorStride);
        block.set(JAVA_LONG, GROUPS, blocks);
        block.set(JAVA_LONG, ROWS, rows);
        block.set(JAVA_LONG, OUT, out);
    }

    /** What comes in beside keys or values, queries or shares, and where results go. */
    public void setAttention(long in, long out) {
        block.set(JAVA_LONG, CODES, in);
        block.set(JAVA_LONG, OUT, out);
    }
}
