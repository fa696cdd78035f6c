package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.LatentUp;

/**
 * Latent attention in the expanded form with weights of every format, all numbers as floats: what {@link
 * ExpandedAttention} does not serve. For each head the keys and values of a tile of positions are computed from the
 * latents, used by all queries, and forgotten. Belongs to the engine thread.
 */
final class FloatExpandedAttention implements CpuThreads.Chunk {
    private final Kernels kernels;
    private final CpuThreads threads;
    private final AttentionRoom[] rooms;
    private @Nullable ExpandedInputs data;
    private @Nullable LatentUp up;
    private @Nullable Attending rule;
    private int firstPosition;

    FloatExpandedAttention(Kernels kernels, CpuThreads threads) {
        this.kernels = kernels;
        this.threads = threads;
        this.rooms = new AttentionRoom[threads.size()];
        Arrays.setAll(rooms, _ -> new AttentionRoom());
    }

    /** Attends. */
    void attend(ExpandedInputs inputs, LatentUp matrices, Attending newRule, int newFirstPosition) {
        data = inputs;
        up = matrices;
        rule = newRule;
        firstPosition = newFirstPosition;
        threads.share(matrices.values().size(), 1, this);
    }

    @Override
    public void run(int from, int to, int worker) {
        ExpandedInputs d = data;
        LatentUp u = up;
        Attending r = rule;
        for (int head = from; head < to && d != null && u != null && r != null; head++) {
            compute(rooms[worker], d, u, r, head);
        }
    }

    private void compute(AttentionRoom room, ExpandedInputs d, LatentUp u, Attending r, int head) {
        int heads = u.values().size();
        int own = u.keySize();
        int size = own + d.ropeSize();
        int valueSize = u.valueSize();
        int rank = u.values().columns();
        room.begin(d.positions(), size, valueSize, valueSize);
        room.matrices(kernels, u, head);
        for (int i = 0; i < d.positions(); i++) {
            int item = i * heads + head;
            System.arraycopy(d.q(), item * own, room.queries, i * size, own);
            System.arraycopy(d.qRope(), item * d.ropeSize(), room.queries, i * size + own, d.ropeSize());
        }
        int end = firstPosition + d.positions();
        for (int tile = 0; tile < end; tile += CpuAttention.TILE) {
            int count = Math.min(CpuAttention.TILE, end - tile);
            room.expand(kernels, d.latents(), tile, count, rank, own, size, valueSize, u.keysTransposed());
            CacheRows.read(d.ropeKeys(), d.ropeSize(), tile, count, 0, d.ropeSize(), room.keys, own, size);
            room.values = room.ownValues;
            room.add(kernels, tile, count, r, firstPosition, 1);
        }
        for (int i = 0; i < d.positions(); i++) {
            room.result(kernels, i, Float.NEGATIVE_INFINITY, d.out(), (i * heads + head) * valueSize);
        }
    }
}
