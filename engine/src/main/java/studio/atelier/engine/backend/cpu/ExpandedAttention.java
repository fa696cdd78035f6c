package studio.atelier.engine.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.LatentUp;

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
 * <p>The cache is gone through in stretches, never expanded as a whole: {@link LatentExpansion} makes a stretch's keys and
 * values, then heads and blocks of queries are shared out. Belongs to the engine thread.
 */
final class ExpandedAttention {
    /** With fewer queries behind a long context the absorbed form costs less; both are equal at about so many. */
    private static final int FROM_POSITIONS = 64;

    /** Queries of a head that one task computes together. */
    private static final int QUERIES = 64;

    /** Keys and values of all heads in a stretch; with very many heads a tile of positions may take more. */
    private static final long STRETCH_BYTES = 8L << 20;

    private final Kernels plain;
    private final CpuThreads threads;
    private final EmittedKernels code;
    private final LatentExpansion expansion;
    private final List<EmittedAttention> rooms = new ArrayList<>();
    private final Reading reading = new Reading();

    ExpandedAttention(Kernels plain, NibbleProducts products, CpuThreads threads, EmittedKernels code) {
        this.plain = plain;
        this.threads = threads;
        this.code = code;
        this.expansion = new LatentExpansion(plain, products, threads);
    }

    /** From how many queries on this form is the faster one; {@link Integer#MAX_VALUE} where it can't serve. */
    int from(LatentUp up, int ropeSize) {
        boolean takes = EmittedAttention.takes(up.keySize(), ropeSize, up.valueSize()) && expansion.takes(up);
        return takes ? FROM_POSITIONS : Integer.MAX_VALUE;
    }

    /** Whether it can attend to these; a cache of floats it does not read. */
    boolean serves(ExpandedInputs data, LatentUp up) {
        return !(data.latents() instanceof HeapBuffer) && from(up, data.ropeSize()) != Integer.MAX_VALUE;
    }

    /** Attends to what it {@link #serves}. */
    void attend(ExpandedInputs data, LatentUp up, Attending rule, int firstPosition) {
        int heads = up.values().size();
        int first = (int) Math.max(0L, (long) firstPosition - rule.window() + 1);
        int end = firstPosition + data.positions();
        int stretch = stretch(heads * (up.keySize() + up.valueSize()), end - first);
        int blocks = Math.ceilDiv(data.positions(), QUERIES);
        boolean once = end - first <= stretch;
        int needed = once ? threads.size() : heads * blocks;
        while (rooms.size() < needed) {
            rooms.add(new EmittedAttention(code));
        }
        expansion.begin(up, stretch);
        reading.data = data;
        reading.rule = rule;
        reading.firstPosition = firstPosition;
        reading.once = once;
        reading.heads = heads;
        reading.keySize = up.keySize();
        reading.valueSize = up.valueSize();
        for (int at = first; at < end; at += stretch) {
            int count = Math.min(stretch, end - at);
            expansion.expand(data.latents(), data.ropeKeys(), data.ropeSize(), at, count);
            reading.from = at;
            reading.to = at + count;
            reading.begins = at == first;
            reading.ends = at + count == end;
            threads.share(heads * blocks, 1, reading);
        }
    }

    /** Positions of a stretch: whole tiles, within the bytes. */
    private static int stretch(int elements, int positions) {
        long most = STRETCH_BYTES / ((long) Short.BYTES * elements) / CpuAttention.TILE * CpuAttention.TILE;
        int all = Math.ceilDiv(positions, CpuAttention.TILE) * CpuAttention.TILE;
        return (int) Math.clamp(most, CpuAttention.TILE, all);
    }

    /** Blocks of a head's queries read a stretch, those first that see the most. */
    private final class Reading implements CpuThreads.Chunk {
        private @Nullable ExpandedInputs data;
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

        @Override
        public void run(int firstItem, int endItem, int worker) {
            ExpandedInputs d = data;
            for (int item = firstItem; item < endItem && d != null; item++) {
                int blocks = Math.ceilDiv(d.positions(), QUERIES);
                // What a block has summed up waits in a room of its own for the next stretch.
                compute(rooms.get(once ? worker : item), d, item / blocks, blocks - 1 - item % blocks);
            }
        }

        private void compute(EmittedAttention room, ExpandedInputs d, int head, int block) {
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
            EmittedAttention.Tile tile = tile(room, d.ropeSize(), head);
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

        private EmittedAttention.Tile tile(EmittedAttention room, int ropeSize, int head) {
            EmittedAttention.Tile tile = room.tile();
            tile.set(
                    expansion.keys(head, keySize),
                    (long) Short.BYTES * keySize,
                    keySize,
                    expansion.ropes(),
                    (long) Short.BYTES * ropeSize,
                    ropeSize,
                    expansion.values(head, valueSize),
                    (long) Short.BYTES * valueSize);
            return tile;
        }
    }
}
