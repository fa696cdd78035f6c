package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import studio.atelier.engine.backend.cpu.emit.Arguments;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.Attending;

/**
 * What {@link AttentionRoom} does, with emitted kernels over a bfloat16 cache: the tile is read where it lies, never
 * decoded into floats. One worker's place; nothing is allocated once it is large enough.
 *
 * <p>Rows of queries are kept in fours, each four in the order that the kernels read; the factor on the scores is in the
 * queries.
 */
final class EmittedAttention {
    private static final int ROWS = EmittedKernels.ATTENTION_ROWS;
    private static final int TILE = EmittedKernels.ATTENTION_TILE;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private final EmittedKernels kernels;
    private final Arguments arguments = new Arguments(Arena.ofAuto());
    private final MemorySegment scores = Arena.ofAuto().allocate(4L * ROWS * TILE, 64);
    private final float[] shares = new float[ROWS * TILE];
    private MemorySegment queries = MemorySegment.NULL;
    private MemorySegment results = MemorySegment.NULL;
    private float[] maxima = {};
    private float[] sums = {};
    private int rows;
    private int size;
    private int valueSize;

    EmittedAttention(EmittedKernels kernels) {
        this.kernels = kernels;
    }

    /** A tile in the cache: addresses of the first key's parts and of the first value, bytes from one to the next. */
    record Tile(
            long keys,
            long keyStride,
            int keySize,
            long others,
            long otherStride,
            int otherSize,
            long values,
            long valueStride) {
        /** The same from a later position on. */
        long keysAt(int position) {
            return keys + position * keyStride;
        }
    }

    /** Whether keys in parts of these sizes and values of this size can go this way. */
    static boolean takes(int keySize, int otherSize, int valueSize) {
        return keySize > 0
                && keySize % EmittedKernels.KEY_BLOCK == 0
                && otherSize % EmittedKernels.KEY_BLOCK == 0
                && valueSize > 0
                && valueSize % EmittedKernels.VALUE_BLOCK == 0;
    }

    /** Makes room and forgets the last work. */
    void begin(int newRows, int newSize, int newValueSize) {
        rows = newRows;
        size = newSize;
        valueSize = newValueSize;
        queries = grown(queries, 4L * rows * size);
        results = grown(results, 4L * rows * valueSize);
        if (maxima.length < rows) {
            maxima = new float[rows];
            sums = new float[rows];
        }
        Arrays.fill(maxima, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0, rows, 0);
        results.asSlice(0, 4L * rows * valueSize).fill((byte) 0);
    }

    private static MemorySegment grown(MemorySegment segment, long sizeBytes) {
        return segment.byteSize() >= sizeBytes ? segment : Arena.ofAuto().allocate(sizeBytes, 64);
    }

    private int groupRows(int group) {
        return Math.min(ROWS, rows - group * ROWS);
    }

    /** Takes elements of a row's query, from an even {@code column} on, times a factor. */
    void query(int row, float[] q, int at, int count, int column, float factor) {
        int group = row / ROWS;
        int together = groupRows(group);
        long start = (long) group * ROWS * size + row % ROWS * 32L;
        for (int i = 0; i < count; i++) {
            int d = column + i;
            long place = start + (long) d / 32 * 32 * together + d % 2 * 16 + d % 32 / 2;
            queries.setAtIndex(FLOAT, place, q[at + i] * factor);
        }
    }

    /** As {@link AttentionRoom#add}; {@code first} is the tile's first position, {@code count} at most 64. */
    void add(Kernels plain, Tile tile, int first, int count, Attending rule, int firstPosition, int heads) {
        for (int group = 0; group * ROWS < rows; group++) {
            int together = groupRows(group);
            int lastPosition = firstPosition + (group * ROWS + together - 1) / heads;
            if (lastPosition < first) {
                continue;
            }
            arguments.setKeys(
                    tile.keysAt(first),
                    tile.keyStride,
                    tile.keySize / EmittedKernels.KEY_BLOCK,
                    tile.others + first * tile.otherStride,
                    tile.otherStride,
                    tile.otherSize / EmittedKernels.KEY_BLOCK,
                    count);
            arguments.setAttention(queries.address() + 4L * group * ROWS * size, scores.address());
            kernels.scores(together, arguments);
            MemorySegment.copy(scores, FLOAT, 0, shares, 0, together * TILE);
            for (int r = 0; r < together; r++) {
                share(plain, group, r, first, count, rule, firstPosition + (group * ROWS + r) / heads);
            }
            MemorySegment.copy(shares, 0, scores, FLOAT, 0, together * TILE);
            arguments.setValues(
                    tile.values + first * tile.valueStride,
                    tile.valueStride,
                    valueSize / EmittedKernels.VALUE_BLOCK,
                    count);
            arguments.setAttention(scores.address(), results.address() + 4L * group * ROWS * valueSize);
            kernels.mix(together, arguments);
        }
    }

    /** A row's scores become shares of what it may see; earlier results shrink when the maximum grows. */
    private void share(Kernels plain, int group, int r, int tile, int count, Attending rule, int position) {
        int row = group * ROWS + r;
        int from = (int) Math.clamp((long) position - rule.window() + 1 - tile, 0L, (long) count);
        int to = Math.clamp(position + 1 - tile, from, count);
        int at = r * TILE;
        Arrays.fill(shares, at, at + from, 0);
        Arrays.fill(shares, at + to, at + count, 0);
        if (from == to) {
            return;
        }
        float before = maxima[row];
        float maximum = plain.largest(shares, at + from, to - from, before);
        if (maximum > before) {
            if (before > Float.NEGATIVE_INFINITY) {
                float shrink = (float) Math.exp(before - maximum);
                scaleResult(row, shrink);
                sums[row] *= shrink;
            }
            maxima[row] = maximum;
        }
        sums[row] += plain.exponentials(shares, at + from, to - from, maximum);
    }

    private void scaleResult(int row, float factor) {
        for (int block = 0; block < valueSize; block += EmittedKernels.VALUE_BLOCK) {
            long place = place(row, block);
            for (long i = place; i < place + EmittedKernels.VALUE_BLOCK; i++) {
                results.setAtIndex(FLOAT, i, results.getAtIndex(FLOAT, i) * factor);
            }
        }
    }

    /** Where 64 elements of a row's result lie. */
    private long place(int row, int block) {
        int group = row / ROWS;
        return (long) group * ROWS * valueSize
                + (long) block * groupRows(group)
                + (long) (row % ROWS) * EmittedKernels.VALUE_BLOCK;
    }

    /** As {@link AttentionRoom#result}. */
    void result(int row, float sink, float[] out, int at) {
        float maximum = Math.max(maxima[row], sink);
        float shrink = (float) Math.exp(maxima[row] - maximum);
        float sum = sums[row] * shrink + (float) Math.exp(sink - maximum);
        copy(row, shrink / sum, out, at);
    }

    /** As {@link AttentionRoom#part}. */
    void part(int row, float[] to, int at) {
        copy(row, 1, to, at);
        to[at + valueSize] = maxima[row];
        to[at + valueSize + 1] = sums[row];
    }

    private void copy(int row, float factor, float[] to, int at) {
        for (int block = 0; block < valueSize; block += 32) {
            long even = place(row, block / EmittedKernels.VALUE_BLOCK * EmittedKernels.VALUE_BLOCK)
                    + block % EmittedKernels.VALUE_BLOCK;
            for (int i = 0; i < 16; i++) {
                to[at + block + 2 * i] = results.getAtIndex(FLOAT, even + i) * factor;
                to[at + block + 2 * i + 1] = results.getAtIndex(FLOAT, even + 16 + i) * factor;
            }
        }
    }
}
