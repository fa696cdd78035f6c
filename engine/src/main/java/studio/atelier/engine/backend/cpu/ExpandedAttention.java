package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Latent attention of a prompt in the expanded form, with emitted kernels: every head has its own key and value for a
 * cached position,
 *
 * <pre>  k[h, t] = (W_k[h] c_t, r_t)    v[h, t] = W_v[h] c_t</pre>
 *
 * <p>with the latent c and the rotary key r, which all heads share. That is {@code Dn + Dr + Dv} multiplications of floats
 * for a query and a position where the absorbed form takes {@code 2 R + Dr}, three times as many; and {@code R (Dn + Dv)}
 * of whole numbers for each position, which some dozens of queries make up for.
 *
 * <p>The cache is gone through in stretches, never expanded as a whole. In each, latents become 8-bit codes, then all
 * heads' keys and values come out of the tile kernels and are rounded to bfloat16, as those of a cache without latents
 * are; then heads and blocks of queries are shared out. Belongs to the engine thread.
 */
final class ExpandedAttention {
    /** With fewer queries behind a long context the absorbed form costs less; both are equal at about so many. */
    private static final int FROM_POSITIONS = 64;

    /** Queries of a head that one task computes together. */
    private static final int QUERIES = 64;

    /** Positions that one task expands for a head. */
    private static final int EXPANDED_POSITIONS = 256;

    /** Keys and values of all heads in a stretch; with very many heads a tile of positions may take more. */
    private static final long STRETCH_BYTES = 8L << 20;

    private static final int CODED_POSITIONS = 16;

    private final Kernels plain;
    private final NibbleProducts products;
    private final CpuThreads threads;
    private final EmittedKernels code;
    private final Map<WeightStack, WeightStack> turned = new IdentityHashMap<>();
    private final List<EmittedAttention> rooms = new ArrayList<>();
    private final float[][] scratch;
    private final Activations keyCodes = new Activations();
    private final Activations valueCodes = new Activations();
    private final Coding coding = new Coding();
    private final Expanding expanding = new Expanding();
    private final Reading reading = new Reading();
    private MemorySegment keys = MemorySegment.NULL;
    private MemorySegment values = MemorySegment.NULL;
    private MemorySegment ropes = MemorySegment.NULL;

    ExpandedAttention(Kernels plain, NibbleProducts products, CpuThreads threads, EmittedKernels code) {
        this.plain = plain;
        this.products = products;
        this.threads = threads;
        this.code = code;
        this.scratch = new float[threads.size()][0];
    }

    /** From how many queries on this form is the faster one; {@link Integer#MAX_VALUE} where it can't serve. */
    int from(LatentUp up, int ropeSize) {
        boolean takes = EmittedAttention.takes(up.keySize(), ropeSize, up.valueSize())
                && products.takeAll(up.values())
                && (up.keysTransposed() ? canTurn(up.keys()) : products.takeAll(up.keys()));
        return takes ? FROM_POSITIONS : Integer.MAX_VALUE;
    }

    private boolean canTurn(WeightStack stack) {
        return stack.rows() % CodeForm.BLOCK == 0 && products.kernels().serve(TurnedKeys.FORM, TurnedKeys.SCALES);
    }

    /** Attends; only after {@link #from} has said that it can. */
    void attend(CpuAttention.Expanded data, LatentUp up, Attending rule, int firstPosition) {
        WeightStack keyRows = up.keysTransposed()
                ? turned.computeIfAbsent(up.keys(), stack -> TurnedKeys.of(stack, plain, threads))
                : up.keys();
        int heads = up.values().size();
        int rank = up.values().columns();
        int keySize = up.keySize();
        int valueSize = up.valueSize();
        int first = (int) Math.max(0L, (long) firstPosition - rule.window() + 1);
        int end = firstPosition + data.positions();
        int stretch = stretch(heads * (keySize + valueSize), end - first);
        boolean once = end - first <= stretch;
        keys = grown(keys, 2L * heads * stretch * keySize);
        values = grown(values, 2L * heads * stretch * valueSize);
        int blocks = Math.ceilDiv(data.positions(), QUERIES);
        int needed = once ? threads.size() : heads * blocks;
        while (rooms.size() < needed) {
            rooms.add(new EmittedAttention(code));
        }
        CodeForm keyForm = NibbleProducts.form(keyRows.get(0));
        CodeForm valueForm = NibbleProducts.form(up.values().get(0));
        expanding.set(keyRows, up.values(), stretch);
        reading.set(data, rule, firstPosition, once, heads, keySize, valueSize);
        for (int at = first; at < end; at += stretch) {
            int count = Math.min(stretch, end - at);
            coding.set(data, rank, at, keyForm == valueForm);
            keyCodes.shape(count, rank, keyForm);
            keyCodes.ofFewPositions(false);
            valueCodes.shape(keyForm == valueForm ? 0 : count, rank, valueForm);
            valueCodes.ofFewPositions(false);
            if (data.ropeKeys() instanceof EightBitBuffer) {
                ropes = grown(ropes, 2L * count * data.ropeSize());
            }
            threads.share(count, CODED_POSITIONS, coding);
            expanding.begin(count, keyForm == valueForm ? keyCodes : valueCodes);
            threads.share(2 * heads * Math.ceilDiv(count, EXPANDED_POSITIONS), 1, expanding);
            reading.begin(at, at + count, at == first, at + count == end);
            threads.share(heads * blocks, 1, reading);
        }
    }

    /** Positions of a stretch: whole tiles, within the bytes. */
    private static int stretch(int elements, int positions) {
        long most = STRETCH_BYTES / (2L * elements) / CpuAttention.TILE * CpuAttention.TILE;
        int all = Math.ceilDiv(positions, CpuAttention.TILE) * CpuAttention.TILE;
        return (int) Math.clamp(most, CpuAttention.TILE, all);
    }

    private static MemorySegment grown(MemorySegment segment, long sizeBytes) {
        return segment.byteSize() >= sizeBytes ? segment : Arena.ofAuto().allocate(sizeBytes, 64);
    }

    private float[] scratch(int worker, int floats) {
        if (scratch[worker].length < floats) {
            scratch[worker] = new float[floats];
        }
        return scratch[worker];
    }

    /** Latents of a stretch as codes, once for keys and once for values if their weights differ in form. */
    private final class Coding implements CpuThreads.Chunk {
        private CpuAttention.@Nullable Expanded data;
        private int rank;
        private int first;
        private boolean same;

        private void set(CpuAttention.Expanded newData, int newRank, int newFirst, boolean oneForm) {
            data = newData;
            rank = newRank;
            first = newFirst;
            same = oneForm;
        }

        @Override
        public void run(int from, int to, int worker) {
            CpuAttention.Expanded d = data;
            float[] row = scratch(worker, rank);
            for (int t = from; t < to && d != null; t++) {
                CacheRows.read(d.latents(), rank, first + t, 1, 0, rank, row, 0, rank);
                products.kernels().code(keyCodes, t, 0, keyCodes.blocks(), row, 0, worker);
                if (!same) {
                    products.kernels().code(valueCodes, t, 0, valueCodes.blocks(), row, 0, worker);
                }
                if (d.ropeKeys() instanceof EightBitBuffer eight) {
                    eight.readHalves(first + t, 0, d.ropeSize(), ropes, 2L * t * d.ropeSize());
                }
            }
        }
    }

    /** Keys {@code [H, stretch, Dn]} and values {@code [H, stretch, Dv]} of the coded latents. */
    private final class Expanding implements CpuThreads.Chunk {
        private @Nullable WeightStack keyRows;
        private @Nullable WeightStack valueRows;
        private Activations codesForValues = valueCodes;
        private int stretch;
        private int count;

        private void set(WeightStack newKeyRows, WeightStack newValueRows, int newStretch) {
            keyRows = newKeyRows;
            valueRows = newValueRows;
            stretch = newStretch;
        }

        private void begin(int newCount, Activations newCodesForValues) {
            count = newCount;
            codesForValues = newCodesForValues;
        }

        @Override
        public void run(int from, int to, int worker) {
            WeightStack forKeys = keyRows;
            WeightStack forValues = valueRows;
            int blocks = Math.ceilDiv(count, EXPANDED_POSITIONS);
            for (int item = from; item < to && forKeys != null && forValues != null; item++) {
                int first = item % blocks * EXPANDED_POSITIONS;
                int head = item / blocks / 2;
                if (item / blocks % 2 == 0) {
                    expand(forKeys.get(head), keyCodes, keys, head, first, worker);
                } else {
                    expand(forValues.get(head), codesForValues, values, head, first, worker);
                }
            }
        }

        private void expand(Weight weight, Activations codes, MemorySegment to, int head, int first, int worker) {
            int size = weight.rows();
            int positions = Math.min(EXPANDED_POSITIONS, count - first);
            float[] y = scratch(worker, EXPANDED_POSITIONS * size);
            products.kernels().multiply(weight, 0, size, codes, first, 1, positions, y, 0, size, worker);
            CacheRows.narrow(y, 0, positions * size, to, ((long) head * stretch + first) * size);
        }
    }

    /** Blocks of a head's queries read a stretch, those first that see the most. */
    private final class Reading implements CpuThreads.Chunk {
        private CpuAttention.@Nullable Expanded data;
        private Attending rule = Attending.all(1);
        private int firstPosition;
        private boolean once;
        private int heads;
        private int keySize;
        private int valueSize;
        private int from;
        private int to;
        private boolean begins;
        private boolean ends;

        private void set(
                CpuAttention.Expanded newData,
                Attending newRule,
                int newFirstPosition,
                boolean onlyOnce,
                int newHeads,
                int newKeySize,
                int newValueSize) {
            data = newData;
            rule = newRule;
            firstPosition = newFirstPosition;
            once = onlyOnce;
            heads = newHeads;
            keySize = newKeySize;
            valueSize = newValueSize;
        }

        private void begin(int first, int end, boolean isFirst, boolean isLast) {
            from = first;
            to = end;
            begins = isFirst;
            ends = isLast;
        }

        @Override
        public void run(int firstItem, int endItem, int worker) {
            CpuAttention.Expanded d = data;
            for (int item = firstItem; item < endItem && d != null; item++) {
                int blocks = Math.ceilDiv(d.positions(), QUERIES);
                // What a block has summed up waits in a room of its own for the next stretch.
                compute(rooms.get(once ? worker : item), d, item / blocks, blocks - 1 - item % blocks);
            }
        }

        private void compute(EmittedAttention room, CpuAttention.Expanded d, int head, int block) {
            int firstQuery = block * QUERIES;
            int queries = Math.min(QUERIES, d.positions() - firstQuery);
            if (begins) {
                room.begin(queries, keySize + d.ropeSize(), valueSize);
                for (int row = 0; row < queries; row++) {
                    int item = (firstQuery + row) * heads + head;
                    room.query(row, d.q(), item * keySize, keySize, 0, rule.scale());
                    room.query(row, d.qRope(), item * d.ropeSize(), d.ropeSize(), keySize, rule.scale());
                }
            }
            int seen = Math.min(to, firstPosition + firstQuery + queries);
            EmittedAttention.Tile tile = tile(room, d, head);
            for (int at = from; at < seen; at += CpuAttention.TILE) {
                int count = Math.min(CpuAttention.TILE, seen - at);
                room.add(plain, tile, at - from, at, count, rule, firstPosition + firstQuery, 1);
            }
            if (ends) {
                for (int row = 0; row < queries; row++) {
                    int item = (firstQuery + row) * heads + head;
                    room.result(row, Float.NEGATIVE_INFINITY, d.out(), item * valueSize);
                }
            }
        }

        private EmittedAttention.Tile tile(EmittedAttention room, CpuAttention.Expanded d, int head) {
            long keyStride = 2L * keySize;
            long valueStride = 2L * valueSize;
            long ropeStride = 2L * d.ropeSize();
            long ropesAt = d.ropeKeys() instanceof HalfBuffer(MemorySegment halves)
                    ? halves.address() + from * ropeStride
                    : ropes.address();
            long firstRow = (long) head * expanding.stretch;
            EmittedAttention.Tile tile = room.tile();
            tile.set(
                    keys.address() + firstRow * keyStride,
                    keyStride,
                    keySize,
                    ropesAt,
                    ropeStride,
                    d.ropeSize(),
                    values.address() + firstRow * valueStride,
                    valueStride);
            return tile;
        }
    }
}
