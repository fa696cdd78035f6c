package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Weight;

/** One worker's place for attention: some rows of queries, a tile of keys and values, what was summed up so far. */
final class AttentionRoom {
    /** {@code [rows, D]}. */
    float[] queries = {};
    /** {@code [TILE, D]}. */
    float[] keys = {};
    /** {@code [TILE, Dv or D]} when values are not part of the keys. */
    float[] ownValues = {};
    /** The tile of values: the keys or {@link #ownValues}. */
    float[] values = {};

    private float[] scores = {};
    private float[] sums = {};
    private float[] results = {};
    private float[] latents = {};
    private float[] keyMatrix = {};
    private float[] valueMatrix = {};
    private int rows;
    private int size;
    private int valueSize;
    private int valueStride;

    /** Makes room and forgets the last work. */
    void begin(int newRows, int newSize, int newValueSize, int newValueStride) {
        rows = newRows;
        size = newSize;
        valueSize = newValueSize;
        valueStride = newValueStride;
        queries = grown(queries, rows * size);
        keys = grown(keys, CpuAttention.TILE * size);
        ownValues = grown(ownValues, CpuAttention.TILE * valueStride);
        scores = grown(scores, rows * CpuAttention.TILE);
        sums = grown(sums, 2 * rows);
        results = grown(results, rows * valueSize);
        Arrays.fill(sums, 0, rows, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, rows, 2 * rows, 0);
        Arrays.fill(results, 0, rows * valueSize, 0);
    }

    private static float[] grown(float[] array, int floats) {
        return array.length >= floats ? array : new float[floats];
    }

    /**
     * Adds a tile: row {@code i} is the query at position {@code firstPosition + i / heads} and sees what the rule lets it
     * see.
     */
    void add(Kernels kernels, int tile, int count, Attending rule, int firstPosition, int heads) {
        int hidden = Math.max(0, tile - firstPosition) * heads;
        // Rows before this one see nothing of the tile; blocks of four stay whole.
        int firstRow = Math.min(rows, hidden / 4 * 4);
        kernels.scores(
                queries,
                firstRow * size,
                rows - firstRow,
                keys,
                size,
                count,
                size,
                scores,
                firstRow * CpuAttention.TILE,
                CpuAttention.TILE);
        for (int row = firstRow; row < rows; row++) {
            int position = firstPosition + row / heads;
            int from = (int) Math.clamp((long) position - rule.window() + 1 - tile, 0L, (long) count);
            int to = Math.clamp(position + 1 - tile, from, count);
            int at = row * CpuAttention.TILE;
            Arrays.fill(scores, at, at + from, 0);
            Arrays.fill(scores, at + to, at + count, 0);
            if (from == to) {
                continue;
            }
            kernels.scale(scores, at + from, to - from, rule.scale());
            float before = sums[row];
            float maximum = kernels.largest(scores, at + from, to - from, before);
            if (maximum > before && before > Float.NEGATIVE_INFINITY) {
                float shrink = (float) Math.exp(before - maximum);
                kernels.scale(results, row * valueSize, valueSize, shrink);
                sums[rows + row] *= shrink;
            }
            sums[row] = maximum;
            sums[rows + row] += kernels.exponentials(scores, at + from, to - from, maximum);
        }
        kernels.mix(
                scores,
                firstRow * CpuAttention.TILE,
                CpuAttention.TILE,
                rows - firstRow,
                values,
                0,
                valueStride,
                count,
                valueSize,
                results,
                firstRow * valueSize);
    }

    /** Writes a row's result; a sink is one more score that carries no value. */
    void result(Kernels kernels, int row, float sink, float[] out, int at) {
        float maximum = Math.max(sums[row], sink);
        float shrink = (float) Math.exp(sums[row] - maximum);
        float sum = sums[rows + row] * shrink + (float) Math.exp(sink - maximum);
        System.arraycopy(results, row * valueSize, out, at, valueSize);
        // In two steps, as where stretches are joined: rounding must not tell which way was taken.
        kernels.scale(out, at, valueSize, shrink);
        kernels.scale(out, at, valueSize, 1 / sum);
    }

    /** Writes a row's sum of values, its maximum and its sum of shares. */
    void part(int row, float[] to, int at) {
        System.arraycopy(results, row * valueSize, to, at, valueSize);
        to[at + valueSize] = sums[row];
        to[at + valueSize + 1] = sums[rows + row];
    }

    /** Decodes a head's two matrices. */
    void matrices(Kernels kernels, LatentUp up, int head) {
        keyMatrix = decoded(kernels, up.keys().get(head), keyMatrix);
        valueMatrix = decoded(kernels, up.values().get(head), valueMatrix);
    }

    private static float[] decoded(Kernels kernels, Weight weight, float[] into) {
        float[] room = grown(into, weight.rows() * weight.columns());
        for (int r = 0; r < weight.rows(); r++) {
            kernels.decode(weight, r, room, r * weight.columns());
        }
        return room;
    }

    /** Computes a head's keys and values of a tile from its latents. */
    void expand(
            Kernels kernels,
            Buffer from,
            int tile,
            int count,
            int rank,
            int keySize,
            int keyStride,
            int ofValues,
            boolean transposed) {
        latents = grown(latents, CpuAttention.TILE * rank);
        CacheRows.read(from, rank, tile, count, 0, rank, latents, 0, rank);
        scores = grown(scores, CpuAttention.TILE * keySize);
        if (transposed) {
            // The matrix is [R, Dn]: a key is a mix of its rows.
            Arrays.fill(scores, 0, count * keySize, 0);
            kernels.mix(latents, 0, rank, count, keyMatrix, 0, keySize, rank, keySize, scores, 0);
        } else {
            kernels.scores(latents, 0, count, keyMatrix, rank, keySize, rank, scores, 0, keySize);
        }
        for (int t = 0; t < count; t++) {
            System.arraycopy(scores, t * keySize, keys, t * keyStride, keySize);
        }
        kernels.scores(latents, 0, count, valueMatrix, rank, ofValues, rank, ownValues, 0, ofValues);
    }
}
