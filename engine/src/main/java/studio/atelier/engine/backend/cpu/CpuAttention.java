package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Buffer;

/**
 * Attention over the cache in tiles of positions. What shares keys and values, the query heads of a key head or all
 * heads over the latents, is computed together, so that a tile is read once for all of it; running maxima and sums join
 * the tiles (Milakov and Gimelshein 2018).
 *
 * <p>Work is shared out by key head and block of queries, and for one query also by stretches of the cache, whose results
 * are joined at the end. Belongs to the engine thread; the workers only see one call at a time.
 */
final class CpuAttention {
    /** Cached positions in a tile. */
    static final int TILE = 64;

    /** Query rows that one task computes together. */
    private static final int MOST_ROWS = 64;

    /** Heads over one latent that one task computes when few queries are shared out; the kernels take four together. */
    private static final int LEAST_HEADS = 4;

    private static final int MOST_HEADS = 16;

    /** Positions of a stretch when few queries are shared out. */
    private static final int STRETCH = 512;

    private static final float[] NO_SINKS = {};

    private static final System.Logger LOG = System.getLogger(CpuAttention.class.getName());

    private final Kernels kernels;
    private final CpuThreads threads;
    private final AttentionRoom[] rooms;
    private final EmittedAttention[] emitted;
    private final WidenedTile[] widened;
    private final Task task = new Task();
    /** Of earlier calls, by the number of positions. */
    private final Sizes[] kept = new Sizes[NibbleProducts.FEW_POSITIONS + 2];

    private float[] partial = {};

    /** With emitted kernels, when there are some, for a cache in bfloat16. */
    CpuAttention(Kernels kernels, CpuThreads threads, Optional<EmittedKernels> code) {
        Optional<EmittedKernels> usable = code.filter(EmittedKernels::attends).filter(each -> agrees(each, kernels));
        this.emitted = new EmittedAttention[usable.isPresent() ? threads.size() : 0];
        Arrays.setAll(emitted, _ -> new EmittedAttention(usable.orElseThrow()));
        this.widened = new WidenedTile[emitted.length];
        Arrays.setAll(widened, _ -> new WidenedTile(usable.orElseThrow()));
        this.kernels = kernels;
        this.threads = threads;
        this.rooms = new AttentionRoom[threads.size()];
        Arrays.setAll(rooms, _ -> new AttentionRoom());
        Arrays.fill(kept, new Sizes(0, 1, 1, 0, 0));
    }

    private static boolean agrees(EmittedKernels code, Kernels kernels) {
        boolean agrees =
                AttentionCheck.agrees(code, kernels, new Random(1)) && AttentionCheck.widens(code, new Random(1));
        if (!agrees) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "CPU: the emitted {0} kernels for attention differ from plain loops; they are switched off",
                    code.set().label());
        }
        return agrees;
    }

    /** Whether emitted kernels serve. */
    boolean isEmitted() {
        return emitted.length > 0;
    }

    /**
     * Sizes of one call.
     *
     * @param keySize elements of a key that are compared with a query
     * @param valueSize elements of a value
     */
    record Sizes(int positions, int heads, int keyHeads, int keySize, int valueSize) {}

    /** Sizes of a call; those of a call like it when there was one. */
    Sizes sizes(int positions, int heads, int keyHeads, int keySize, int valueSize) {
        Sizes last = kept[Math.min(positions, kept.length - 1)];
        if (last.positions != positions
                || last.heads != heads
                || last.keyHeads != keyHeads
                || last.keySize != keySize
                || last.valueSize != valueSize) {
            last = new Sizes(positions, heads, keyHeads, keySize, valueSize);
            kept[Math.min(positions, kept.length - 1)] = last;
        }
        return last;
    }

    /** Grouped heads: query head {@code h} reads key head {@code h / (H / K)}. {@code sinks} may be empty. */
    void grouped(
            float[] q,
            Buffer keys,
            Buffer values,
            float[] sinks,
            float[] out,
            Sizes sizes,
            Attending rule,
            int firstPosition) {
        task.q = q;
        task.qRope = null;
        task.keys = keys;
        task.values = values;
        task.sinks = sinks;
        run(out, sizes, 0, rule, firstPosition);
    }

    /** Absorbed latent attention: one key head, a latent and a rotary key long; its value is the latent. */
    void latent(
            float[] q,
            float[] qRope,
            Buffer latents,
            Buffer ropeKeys,
            float[] out,
            Sizes sizes,
            Attending rule,
            int firstPosition) {
        task.q = q;
        task.qRope = qRope;
        task.keys = latents;
        task.values = ropeKeys;
        task.sinks = NO_SINKS;
        run(out, sizes, sizes.keySize() - sizes.valueSize(), rule, firstPosition);
    }

    private void run(float[] out, Sizes sizes, int ropeSize, Attending rule, int firstPosition) {
        int perKey = sizes.heads() / sizes.keyHeads();
        int end = firstPosition + sizes.positions();
        task.out = out;
        task.sizes = sizes;
        task.ropeSize = ropeSize;
        task.rule = rule;
        task.firstPosition = firstPosition;
        task.headsAtOnce = Math.min(perKey, MOST_ROWS);
        // A few queries, a token with guesses, are each computed as it would be alone.
        boolean few = sizes.positions() <= NibbleProducts.FEW_POSITIONS;
        if (ropeSize > 0 && few) {
            // All heads share one key: smaller blocks of heads give every thread something to do.
            int each = perKey / threads.size() / LEAST_HEADS * LEAST_HEADS;
            task.headsAtOnce = Math.clamp(each, Math.min(perKey, LEAST_HEADS), MOST_HEADS);
        }
        task.headBlocks = Math.ceilDiv(perKey, task.headsAtOnce);
        task.positionsAtOnce = few ? 1 : Math.clamp(MOST_ROWS / task.headsAtOnce, 1, sizes.positions());
        task.positionBlocks = Math.ceilDiv(sizes.positions(), task.positionsAtOnce);
        task.stretches = few ? Math.max(1, Math.ceilDiv(end, STRETCH)) : 1;
        int items = sizes.keyHeads() * task.headBlocks * task.positionBlocks * task.stretches;
        if (task.stretches > 1) {
            int rowFloats = sizes.valueSize() + 2;
            int needed = sizes.positions() * task.stretches * sizes.heads() * rowFloats;
            if (partial.length < needed) {
                partial = new float[needed];
            }
        }
        long keysEach = Math.min(few ? STRETCH : end, rule.window());
        long productsEach = task.headsAtOnce
                * task.positionsAtOnce
                * Math.min(end, keysEach)
                * (sizes.keySize() + sizes.valueSize());
        threads.share(items, productsEach, isEmitted() ? CpuThreads.EMITTED_PRODUCTS : CpuThreads.FLOAT_PRODUCTS, task);
        if (task.stretches > 1) {
            for (int query = 0; query < sizes.positions(); query++) {
                join(out, sizes, query);
            }
        }
    }

    /** One query's stretches become one result. */
    private void join(float[] out, Sizes sizes, int query) {
        int size = sizes.valueSize();
        int rowFloats = size + 2;
        int firstStretch = query * task.stretches;
        for (int h = 0; h < sizes.heads(); h++) {
            float maximum = task.sinks.length == 0 ? Float.NEGATIVE_INFINITY : task.sinks[h];
            for (int s = firstStretch; s < firstStretch + task.stretches; s++) {
                maximum = Math.max(maximum, partial[(s * sizes.heads() + h) * rowFloats + size]);
            }
            float sum = task.sinks.length == 0 ? 0 : (float) Math.exp(task.sinks[h] - maximum);
            int to = (query * sizes.heads() + h) * size;
            Arrays.fill(out, to, to + size, 0);
            for (int s = firstStretch; s < firstStretch + task.stretches; s++) {
                int at = (s * sizes.heads() + h) * rowFloats;
                if (partial[at + size] > Float.NEGATIVE_INFINITY) {
                    float share = (float) Math.exp(partial[at + size] - maximum);
                    sum += share * partial[at + size + 1];
                    kernels.addScaled(share, partial, at, out, to, size);
                }
            }
            kernels.scale(out, to, size, 1 / sum);
        }
    }

    private final class Task implements CpuThreads.Chunk {
        private float[] q = {};
        private float @Nullable [] qRope;
        private @Nullable Buffer keys;
        private @Nullable Buffer values;
        private float[] sinks = {};
        private float[] out = {};
        private Sizes sizes = new Sizes(0, 1, 1, 0, 0);
        private Attending rule = Attending.all(1);
        private int firstPosition;
        private int ropeSize;
        private int headsAtOnce;
        private int headBlocks;
        private int positionsAtOnce;
        private int positionBlocks;
        private int stretches;

        @Override
        public void run(int from, int to, int worker) {
            Buffer k = keys;
            Buffer v = values;
            for (int item = from; item < to && k != null && v != null; item++) {
                int rest = item;
                int stretch = rest % stretches;
                rest /= stretches;
                int positionBlock = rest % positionBlocks;
                rest /= positionBlocks;
                int headBlock = rest % headBlocks;
                compute(worker, k, v, rest / headBlocks, headBlock, positionBlock, stretch);
            }
        }

        private void compute(
                int worker, Buffer k, Buffer v, int keyHead, int headBlock, int positionBlock, int stretch) {
            int perKey = sizes.heads() / sizes.keyHeads();
            int firstHead = keyHead * perKey + headBlock * headsAtOnce;
            int heads = Math.min(headsAtOnce, (keyHead + 1) * perKey - firstHead);
            int firstQuery = positionBlock * positionsAtOnce;
            int queries = Math.min(positionsAtOnce, sizes.positions() - firstQuery);
            int rows = heads * queries;
            int size = sizes.keySize();
            EmittedAttention.@Nullable Tile tile = tile(k, v, keyHead, worker);
            if (tile != null) {
                WidenedTile wide = k instanceof EightBitBuffer ? widened[worker] : null;
                if (wide != null) {
                    wide.of(k, v, keyHead * size);
                }
                computeEmitted(emitted[worker], tile, wide, firstHead, heads, firstQuery, queries, stretch);
                return;
            }
            AttentionRoom room = rooms[worker];
            room.begin(rows, size, sizes.valueSize(), size);
            for (int i = 0; i < queries; i++) {
                for (int h = 0; h < heads; h++) {
                    query(room, i * heads + h, (firstQuery + i) * sizes.heads() + firstHead + h);
                }
            }
            int end = end(firstQuery, queries, stretch);
            for (int at = first(firstQuery, stretch); at < end; at += TILE) {
                int count = Math.min(TILE, end - at);
                if (ropeSize > 0) {
                    int rank = sizes.valueSize();
                    CacheRows.read(k, rank, at, count, 0, rank, room.keys, 0, size);
                    CacheRows.read(v, ropeSize, at, count, 0, ropeSize, room.keys, rank, size);
                    room.values = room.keys;
                } else {
                    int all = sizes.keyHeads() * size;
                    CacheRows.read(k, all, at, count, keyHead * size, size, room.keys, 0, size);
                    CacheRows.read(v, all, at, count, keyHead * size, size, room.ownValues, 0, size);
                    room.values = room.ownValues;
                }
                room.add(kernels, at, count, rule, firstPosition + firstQuery, heads);
            }
            for (int row = 0; row < rows; row++) {
                int head = firstHead + row % heads;
                if (stretches > 1) {
                    int stretchOfQuery = (firstQuery + row / heads) * stretches + stretch;
                    int at = (stretchOfQuery * sizes.heads() + head) * (sizes.valueSize() + 2);
                    room.part(row, partial, at);
                } else {
                    float sink = sinks.length == 0 ? Float.NEGATIVE_INFINITY : sinks[head];
                    int item = (firstQuery + row / heads) * sizes.heads() + head;
                    room.result(kernels, row, sink, out, item * sizes.valueSize());
                }
            }
        }

        /** The first position that these queries see of this stretch. */
        private int first(int firstQuery, int stretch) {
            int first = (int) Math.max(0L, (long) firstPosition + firstQuery - rule.window() + 1);
            return stretches > 1 ? Math.max(first, stretch * STRETCH) : first;
        }

        /** The position behind the last one. */
        private int end(int firstQuery, int queries, int stretch) {
            int end = firstPosition + firstQuery + queries;
            return stretches > 1 ? Math.min(end, (stretch + 1) * STRETCH) : end;
        }

        /** Where the emitted kernels find keys and values; null when they can't serve. */
        private EmittedAttention.@Nullable Tile tile(Buffer k, Buffer v, int keyHead, int worker) {
            int size = sizes.keySize() - ropeSize;
            if (emitted.length == 0 || !EmittedAttention.takes(size, ropeSize, sizes.valueSize())) {
                return null;
            }
            if (k instanceof EightBitBuffer && v instanceof EightBitBuffer) {
                return widened[worker].tile(size, ropeSize);
            }
            if (!(k instanceof HalfBuffer(MemorySegment first)) || !(v instanceof HalfBuffer(MemorySegment second))) {
                return null;
            }
            EmittedAttention.Tile tile = emitted[worker].tile();
            if (ropeSize > 0) {
                tile.set(
                        first.address(),
                        2L * size,
                        size,
                        second.address(),
                        2L * ropeSize,
                        ropeSize,
                        first.address(),
                        2L * size);
                return tile;
            }
            long stride = 2L * sizes.keyHeads() * size;
            long column = 2L * keyHead * size;
            tile.set(first.address() + column, stride, size, 0, 0, 0, second.address() + column, stride);
            return tile;
        }

        private void computeEmitted(
                EmittedAttention room,
                EmittedAttention.Tile tile,
                @Nullable WidenedTile wide,
                int firstHead,
                int heads,
                int firstQuery,
                int queries,
                int stretch) {
            int size = sizes.keySize();
            int own = size - ropeSize;
            int rows = heads * queries;
            room.begin(rows, size, sizes.valueSize());
            for (int row = 0; row < rows; row++) {
                int item = (firstQuery + row / heads) * sizes.heads() + firstHead + row % heads;
                room.query(row, q, item * own, own, 0, rule.scale());
                if (qRope != null) {
                    room.query(row, qRope, item * ropeSize, ropeSize, own, rule.scale());
                }
            }
            int end = end(firstQuery, queries, stretch);
            for (int at = first(firstQuery, stretch); at < end; at += TILE) {
                int count = Math.min(TILE, end - at);
                if (wide != null) {
                    wide.read(at, count);
                }
                int place = wide == null ? at : 0;
                room.add(kernels, tile, place, at, count, rule, firstPosition + firstQuery, heads);
            }
            for (int row = 0; row < rows; row++) {
                int head = firstHead + row % heads;
                if (stretches > 1) {
                    int stretchOfQuery = (firstQuery + row / heads) * stretches + stretch;
                    room.part(row, partial, (stretchOfQuery * sizes.heads() + head) * (sizes.valueSize() + 2));
                } else {
                    float sink = sinks.length == 0 ? Float.NEGATIVE_INFINITY : sinks[head];
                    int item = (firstQuery + row / heads) * sizes.heads() + head;
                    room.result(row, sink, out, item * sizes.valueSize());
                }
            }
        }

        private void query(AttentionRoom room, int row, int item) {
            int own = sizes.keySize() - ropeSize;
            System.arraycopy(q, item * own, room.queries, row * sizes.keySize(), own);
            if (qRope != null) {
                System.arraycopy(qRope, item * ropeSize, room.queries, row * sizes.keySize() + own, ropeSize);
            }
        }
    }
}
