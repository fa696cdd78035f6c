package studio.atelier.engine.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/** Attention without an order: a task is one head and a few queries, whose scores are one product with the keys. */
final class CpuFullAttention {
    private static final int QUERIES_PER_TASK = 16;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Scratch scratch;

    CpuFullAttention(Kernels kernels, CpuThreads threads, Scratch scratch) {
        this.kernels = kernels;
        this.threads = threads;
        this.scratch = scratch;
    }

    /** Sizes of one call: L, T, H, K, D. */
    record Sizes(int queries, int keys, int heads, int keyHeads, int headSize) {}

    void attend(float[] q, float[] keys, float[] values, float[] out, Sizes sizes, float scale) {
        int size = sizes.headSize();
        int queryRow = sizes.heads() * size;
        int keyRow = sizes.keyHeads() * size;
        int perKey = sizes.heads() / sizes.keyHeads();
        int blocks = Math.ceilDiv(sizes.queries(), QUERIES_PER_TASK);
        MemorySegment keyBytes = MemorySegment.ofArray(keys);
        threads.share(sizes.heads() * blocks, 1, (from, to, worker) -> {
            float[] room = scratch.of(worker, kernels.scratchFloats(size, QUERIES_PER_TASK));
            float[] scores = scratch.second(worker, QUERIES_PER_TASK * sizes.keys());
            for (int item = from; item < to; item++) {
                int head = item / blocks;
                int first = item % blocks * QUERIES_PER_TASK;
                int count = Math.min(QUERIES_PER_TASK, sizes.queries() - first);
                int keyAt = head / perKey * size;
                int queryAt = first * queryRow + head * size;
                Weight headKeys = headKeys(keyBytes, keyAt, keyRow, sizes);
                kernels.multiply(headKeys, 0, sizes.keys(), q, queryAt, queryRow, count, scores, 0, sizes.keys(), room);
                for (int i = 0; i < count; i++) {
                    int scoresAt = i * sizes.keys();
                    softmax(scores, scoresAt, sizes.keys(), scale);
                    int outAt = queryAt + i * queryRow;
                    Arrays.fill(out, outAt, outAt + size, 0);
                    for (int t = 0; t < sizes.keys(); t++) {
                        kernels.addScaled(scores[scoresAt + t], values, t * keyRow + keyAt, out, outAt, size);
                    }
                }
            }
        });
    }

    /** One head's keys as a matrix: one row per position. */
    private static Weight headKeys(MemorySegment keys, int at, int row, Sizes sizes) {
        Plane plane = new Plane(keys.asSlice(4L * at), 4L * row);
        return new Weight(
                "keys",
                sizes.keys(),
                sizes.headSize(),
                new QuantFormat.Dense(DType.F32),
                plane,
                Plane.NONE,
                Plane.NONE,
                0);
    }

    private static void softmax(float[] scores, int at, int count, float scale) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + count; i++) {
            scores[i] *= scale;
            largest = Math.max(largest, scores[i]);
        }
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            scores[i] = (float) Math.exp(scores[i] - largest);
            sum += scores[i];
        }
        float inverse = (float) (1 / sum);
        for (int i = at; i < at + count; i++) {
            scores[i] *= inverse;
        }
    }
}
