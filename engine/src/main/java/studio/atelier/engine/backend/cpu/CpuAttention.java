package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.RowDecoder;

/** Attention over the cache: each task is one head of one query, or one head for the tiled form. */
final class CpuAttention {
    /** Cached positions whose keys and values are expanded together. */
    private static final int TILE_POSITIONS = 64;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Scratch scratch;

    CpuAttention(Kernels kernels, CpuThreads threads, Scratch scratch) {
        this.kernels = kernels;
        this.threads = threads;
        this.scratch = scratch;
    }

    /** Sizes of one call. */
    record Sizes(int positions, int heads, int keyHeads, int headSize) {}

    /** Grouped heads: query head {@code h} reads key head {@code h / (H / K)}. {@code sinks} may be empty. */
    void grouped(float[] q, float[] keys, float[] values, float[] sinks, float[] out, Sizes sizes, Attending rule) {
        int size = sizes.headSize();
        int perKey = sizes.heads() / sizes.keyHeads();
        int row = sizes.keyHeads() * size;
        threads.share(sizes.positions() * sizes.heads(), 1, (from, to, worker) -> {
            for (int item = from; item < to; item++) {
                int head = item % sizes.heads();
                int last = rule.firstPosition() + item / sizes.heads();
                int first = (int) Math.max(0L, (long) last - rule.window() + 1);
                int keyAt = head / perKey * size;
                float[] scores = scratch.of(worker, last - first + 1);
                for (int t = first; t <= last; t++) {
                    scores[t - first] = rule.scale() * kernels.dot(q, item * size, keys, t * row + keyAt, size);
                }
                float sink = sinks.length == 0 ? Float.NEGATIVE_INFINITY : sinks[head];
                softmax(scores, last - first + 1, sink);
                Arrays.fill(out, item * size, (item + 1) * size, 0);
                for (int t = first; t <= last; t++) {
                    kernels.addScaled(scores[t - first], values, t * row + keyAt, out, item * size, size);
                }
            }
        });
    }

    /** Absorbed latent attention: {@code q [L, H, R]}, {@code qRope [L, H, Dr]}, result {@code [L, H, R]}. */
    void latent(
            float[] q,
            float[] qRope,
            float[] latents,
            float[] ropeKeys,
            float[] out,
            int items,
            int heads,
            int rank,
            int ropeSize,
            Attending rule) {
        threads.share(items, 1, (from, to, worker) -> {
            for (int item = from; item < to; item++) {
                int count = rule.firstPosition() + item / heads + 1;
                float[] scores = scratch.of(worker, count);
                for (int t = 0; t < count; t++) {
                    scores[t] = rule.scale()
                            * (kernels.dot(q, item * rank, latents, t * rank, rank)
                                    + kernels.dot(qRope, item * ropeSize, ropeKeys, t * ropeSize, ropeSize));
                }
                softmax(scores, count, Float.NEGATIVE_INFINITY);
                Arrays.fill(out, item * rank, (item + 1) * rank, 0);
                for (int t = 0; t < count; t++) {
                    kernels.addScaled(scores[t], latents, t * rank, out, item * rank, rank);
                }
            }
        });
    }

    /** What the tiled form works on, all heads. */
    record Expanded(
            float[] q, float[] qRope, float[] latents, float[] ropeKeys, float[] out, int positions, int ropeSize) {}

    /**
     * Expanded latent attention. For each head the keys and values of a tile of positions are computed from the latents,
     * used by all queries, and forgotten; running maxima and sums join the tiles (Milakov and Gimelshein 2018).
     */
    void expanded(Expanded data, LatentUp up, Attending rule) {
        int heads = up.values().size();
        int keySize = up.keySize();
        int valueSize = up.valueSize();
        int rank = up.values().columns();
        int width = keySize + valueSize;
        int decode = kernels.scratchFloats(Math.max(rank, keySize), TILE_POSITIONS);
        threads.share(heads, 1, (from, to, worker) -> {
            float[] room = scratch.of(worker, TILE_POSITIONS * (width + 1) + decode + 2 * data.positions());
            int scoresAt = TILE_POSITIONS * width;
            int maximaAt = scoresAt + TILE_POSITIONS;
            int sumsAt = maximaAt + data.positions();
            float[] row = scratch.second(worker, decode);
            for (int head = from; head < to; head++) {
                Arrays.fill(room, maximaAt, sumsAt, Float.NEGATIVE_INFINITY);
                Arrays.fill(room, sumsAt, sumsAt + data.positions(), 0);
                for (int i = 0; i < data.positions(); i++) {
                    int at = (i * heads + head) * valueSize;
                    Arrays.fill(data.out(), at, at + valueSize, 0);
                }
                int count = rule.firstPosition() + data.positions();
                for (int tile = 0; tile < count; tile += TILE_POSITIONS) {
                    int tileCount = Math.min(TILE_POSITIONS, count - tile);
                    expand(data.latents(), tile * rank, tileCount, up, head, room, row);
                    for (int i = Math.max(0, tile - rule.firstPosition()); i < data.positions(); i++) {
                        int seen = Math.min(tileCount, rule.firstPosition() + i + 1 - tile);
                        attendTile(data, rule, head, heads, i, tile, seen, room, keySize, valueSize);
                    }
                }
                for (int i = 0; i < data.positions(); i++) {
                    int at = (i * heads + head) * valueSize;
                    scale(data.out(), at, valueSize, 1 / room[sumsAt + i]);
                }
            }
        });
    }

    /** Keys {@code [t, Dn]} then values {@code [t, Dv]} of one head into the room. */
    private void expand(float[] latents, int at, int count, LatentUp up, int head, float[] room, float[] row) {
        int rank = up.values().columns();
        int keySize = up.keySize();
        var keyUp = up.keys().get(head);
        if (up.keysTransposed()) {
            Arrays.fill(room, 0, count * keySize, 0);
            for (int r = 0; r < rank; r++) {
                RowDecoder.decode(keyUp, r, row, 0);
                for (int t = 0; t < count; t++) {
                    kernels.addScaled(latents[at + t * rank + r], row, 0, room, t * keySize, keySize);
                }
            }
        } else {
            kernels.multiply(keyUp, 0, keySize, latents, at, rank, count, room, 0, keySize, row);
        }
        int valueSize = up.valueSize();
        int valuesAt = TILE_POSITIONS * keySize;
        kernels.multiply(up.values().get(head), 0, valueSize, latents, at, rank, count, room, valuesAt, valueSize, row);
    }

    private void attendTile(
            Expanded data,
            Attending rule,
            int head,
            int heads,
            int i,
            int tile,
            int seen,
            float[] room,
            int keySize,
            int valueSize) {
        int scoresAt = TILE_POSITIONS * (keySize + valueSize);
        int maximumAt = scoresAt + TILE_POSITIONS + i;
        int sumAt = maximumAt + data.positions();
        int qAt = (i * heads + head) * keySize;
        int ropeAt = (i * heads + head) * data.ropeSize();
        float maximum = room[maximumAt];
        for (int t = 0; t < seen; t++) {
            float score = rule.scale()
                    * (kernels.dot(data.q(), qAt, room, t * keySize, keySize)
                            + kernels.dot(
                                    data.qRope(),
                                    ropeAt,
                                    data.ropeKeys(),
                                    (tile + t) * data.ropeSize(),
                                    data.ropeSize()));
            room[scoresAt + t] = score;
            maximum = Math.max(maximum, score);
        }
        int outAt = (i * heads + head) * valueSize;
        float shrink = (float) Math.exp(room[maximumAt] - maximum);
        if (shrink != 1) {
            scale(data.out(), outAt, valueSize, shrink);
        }
        float sum = room[sumAt] * shrink;
        int valuesAt = TILE_POSITIONS * keySize;
        for (int t = 0; t < seen; t++) {
            float share = (float) Math.exp(room[scoresAt + t] - maximum);
            sum += share;
            kernels.addScaled(share, room, valuesAt + t * valueSize, data.out(), outAt, valueSize);
        }
        room[maximumAt] = maximum;
        room[sumAt] = sum;
    }

    private static void scale(float[] x, int at, int count, float factor) {
        for (int i = at; i < at + count; i++) {
            x[i] *= factor;
        }
    }

    /** In place, with one more logit that carries no value. */
    static void softmax(float[] scores, int count, float sink) {
        float maximum = sink;
        for (int i = 0; i < count; i++) {
            maximum = Math.max(maximum, scores[i]);
        }
        double sum = Math.exp(sink - maximum);
        for (int i = 0; i < count; i++) {
            float e = (float) Math.exp(scores[i] - maximum);
            scores[i] = e;
            sum += e;
        }
        float inverse = (float) (1 / sum);
        for (int i = 0; i < count; i++) {
            scores[i] *= inverse;
        }
    }
}
