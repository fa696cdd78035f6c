package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
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
    private static final VectorSpecies<Float> SIXTEEN = FloatVector.SPECIES_512;
    private static final int LANES = 16;
    /** Of two registers the even elements and the odd ones, and back; numbers from 16 on are of the second register. */
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(SIXTEEN, i -> 2 * i);

    private static final VectorShuffle<Float> ODD = VectorShuffle.fromOp(SIXTEEN, i -> 2 * i + 1);
    private static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(SIXTEEN, i -> i / 2 + i % 2 * LANES);
    private static final VectorShuffle<Float> UPPER =
            VectorShuffle.fromOp(SIXTEEN, i -> LANES / 2 + i / 2 + i % 2 * LANES);

    /** Scores of positions that a row does not see, and their shares. */
    private static final float[] HIDDEN = new float[TILE];

    private static final float[] NOTHING = new float[TILE];

    static {
        Arrays.fill(HIDDEN, Float.NEGATIVE_INFINITY);
    }

    private final EmittedKernels kernels;
    private final Arguments arguments = new Arguments(Arena.ofAuto());
    private final MemorySegment scores = Arena.ofAuto().allocate(4L * ROWS * TILE, 64);
    private final float[] shares = new float[ROWS * TILE];
    private final Tile tile = new Tile();
    private MemorySegment queries = MemorySegment.NULL;
    private MemorySegment results = MemorySegment.NULL;
    private MemorySegment states = MemorySegment.NULL;
    private float[] zeros = {};
    private int rows;
    private int size;
    private int valueSize;

    EmittedAttention(EmittedKernels kernels) {
        this.kernels = kernels;
    }

    /** A tile in the cache: addresses of the first key's parts and of the first value, bytes from one to the next. */
    static final class Tile {
        private long keys;
        private long keyStride;
        private int keySize;
        private long others;
        private long otherStride;
        private int otherSize;
        private long values;
        private long valueStride;

        void set(
                long newKeys,
                long newKeyStride,
                int newKeySize,
                long newOthers,
                long newOtherStride,
                int newOtherSize,
                long newValues,
                long newValueStride) {
            keys = newKeys;
            keyStride = newKeyStride;
            keySize = newKeySize;
            others = newOthers;
            otherStride = newOtherStride;
            otherSize = newOtherSize;
            values = newValues;
            valueStride = newValueStride;
        }
    }

    /** This worker's tile; the same every time. */
    Tile tile() {
        return tile;
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
        states = grown(states, (long) Math.ceilDiv(rows, ROWS) * EmittedKernels.SHARE_STATE_BYTES);
        for (int row = 0; row < rows; row++) {
            set(0, row, Float.NEGATIVE_INFINITY);
            set(EmittedKernels.SHARE_SUMS_AT, row, 0);
        }
        int count = rows * valueSize;
        if (zeros.length < count) {
            zeros = new float[count];
        }
        MemorySegment.copy(zeros, 0, results, FLOAT, 0, count);
    }

    private static MemorySegment grown(MemorySegment segment, long sizeBytes) {
        return segment.byteSize() >= sizeBytes ? segment : Arena.ofAuto().allocate(sizeBytes, 64);
    }

    private static long stateAt(int part, int row) {
        return (long) row / ROWS * EmittedKernels.SHARE_STATE_BYTES + part + 4L * (row % ROWS);
    }

    private float get(int part, int row) {
        return states.get(FLOAT, stateAt(part, row));
    }

    private void set(int part, int row, float value) {
        states.set(FLOAT, stateAt(part, row), value);
    }

    private int groupRows(int group) {
        return Math.min(ROWS, rows - group * ROWS);
    }

    /** Takes blocks of 32 elements of a row's query, from such a {@code column} on, times a factor. */
    void query(int row, float[] q, int at, int count, int column, float factor) {
        int group = row / ROWS;
        int together = groupRows(group);
        long start = (long) group * ROWS * size + row % ROWS * 32L;
        for (int i = 0; i < count; i += 2 * LANES) {
            long place = Float.BYTES * (start + (long) (column + i) * together);
            FloatVector first = FloatVector.fromArray(SIXTEEN, q, at + i);
            FloatVector second = FloatVector.fromArray(SIXTEEN, q, at + i + LANES);
            first.rearrange(EVEN, second).mul(factor).intoMemorySegment(queries, place, ByteOrder.LITTLE_ENDIAN);
            first.rearrange(ODD, second)
                    .mul(factor)
                    .intoMemorySegment(queries, place + Float.BYTES * LANES, ByteOrder.LITTLE_ENDIAN);
        }
    }

    /**
     * As {@link AttentionRoom#add}; {@code first} is the tile's first position, which lies at {@code place} of it, {@code
     * count} at most 64.
     */
    void add(Kernels plain, Tile tile, int place, int first, int count, Attending rule, int firstPosition, int heads) {
        for (int group = 0; group * ROWS < rows; group++) {
            int together = groupRows(group);
            int lastPosition = firstPosition + (group * ROWS + together - 1) / heads;
            if (lastPosition < first) {
                continue;
            }
            // What none of these rows sees is not computed.
            int seen = Math.min(count, lastPosition + 1 - first);
            arguments.setKeys(
                    tile.keys + place * tile.keyStride,
                    tile.keyStride,
                    tile.keySize / EmittedKernels.KEY_BLOCK,
                    tile.others + place * tile.otherStride,
                    tile.otherStride,
                    tile.otherSize / EmittedKernels.KEY_BLOCK,
                    seen);
            arguments.setAttention(queries.address() + 4L * group * ROWS * size, scores.address());
            kernels.scores(together, arguments);
            if (firstPosition + group * ROWS / heads >= first && (long) lastPosition - rule.window() < first) {
                // Each row sees the tile from its beginning on.
                hide(group, first, count, firstPosition, heads, HIDDEN);
                arguments.setAttention(scores.address(), states.address() + stateAt(0, group * ROWS));
                kernels.shares(together, arguments);
                hide(group, first, count, firstPosition, heads, NOTHING);
            } else {
                MemorySegment.copy(scores, FLOAT, 0, shares, 0, together * TILE);
                for (int r = 0; r < together; r++) {
                    share(plain, group * ROWS + r, first, seen, rule, firstPosition + (group * ROWS + r) / heads);
                }
                MemorySegment.copy(shares, 0, scores, FLOAT, 0, together * TILE);
            }
            arguments.setValues(
                    tile.values + place * tile.valueStride,
                    tile.valueStride,
                    valueSize / EmittedKernels.VALUE_BLOCK,
                    seen,
                    states.address() + stateAt(EmittedKernels.SHARE_SHRINK_AT, group * ROWS));
            arguments.setAttention(scores.address(), results.address() + 4L * group * ROWS * valueSize);
            kernels.mix(together, arguments);
        }
    }

    /** Overwrites what lies behind the last position of the tile that a row sees. */
    private void hide(int group, int first, int count, int firstPosition, int heads, float[] with) {
        for (int r = 0; r < groupRows(group); r++) {
            int end = Math.min(count, firstPosition + (group * ROWS + r) / heads + 1 - first);
            if (end < TILE) {
                MemorySegment.copy(with, end, scores, FLOAT, Float.BYTES * ((long) r * TILE + end), TILE - end);
            }
        }
    }

    /** As the kernel, for a row that does not see the tile from its beginning on. */
    private void share(Kernels plain, int row, int tile, int count, Attending rule, int position) {
        int from = (int) Math.clamp((long) position - rule.window() + 1 - tile, 0L, (long) count);
        int to = Math.clamp(position + 1 - tile, from, count);
        int at = row % ROWS * TILE;
        Arrays.fill(shares, at, at + from, 0);
        Arrays.fill(shares, at + to, at + count, 0);
        float before = get(0, row);
        float maximum = plain.largest(shares, at + from, to - from, before);
        float shrink = maximum > before ? (float) Math.exp(before - maximum) : 1;
        float sum = from == to ? 0 : plain.exponentials(shares, at + from, to - from, maximum);
        set(0, row, maximum);
        set(EmittedKernels.SHARE_SUMS_AT, row, get(EmittedKernels.SHARE_SUMS_AT, row) * shrink + sum);
        set(EmittedKernels.SHARE_SHRINK_AT, row, shrink);
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
        float maximum = Math.max(get(0, row), sink);
        float shrink = (float) Math.exp(get(0, row) - maximum);
        float sum = get(EmittedKernels.SHARE_SUMS_AT, row) * shrink + (float) Math.exp(sink - maximum);
        copy(row, shrink / sum, out, at);
    }

    /** As {@link AttentionRoom#part}. */
    void part(int row, float[] to, int at) {
        copy(row, 1, to, at);
        to[at + valueSize] = get(0, row);
        to[at + valueSize + 1] = get(EmittedKernels.SHARE_SUMS_AT, row);
    }

    private void copy(int row, float factor, float[] to, int at) {
        for (int block = 0; block < valueSize; block += 2 * LANES) {
            long place = Float.BYTES
                    * (place(row, block / EmittedKernels.VALUE_BLOCK * EmittedKernels.VALUE_BLOCK)
                            + block % EmittedKernels.VALUE_BLOCK);
            FloatVector even = FloatVector.fromMemorySegment(SIXTEEN, results, place, ByteOrder.LITTLE_ENDIAN);
            FloatVector odd = FloatVector.fromMemorySegment(
                    SIXTEEN, results, place + Float.BYTES * LANES, ByteOrder.LITTLE_ENDIAN);
            even.rearrange(LOWER, odd).mul(factor).intoArray(to, at + block);
            even.rearrange(UPPER, odd).mul(factor).intoArray(to, at + block + LANES);
        }
    }
}
