package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import java.util.Optional;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;

/**
 * The routed experts of a layer: positions are sorted by expert, so that each expert's weights are read once for all
 * its positions, and all chosen experts are computed in one phase.
 */
final class CpuExperts {
    private static final int CHUNK_ROWS = 32;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Scratch scratch;
    private final PassMemory memory;
    private final Optional<NibbleExperts> nibbles;

    CpuExperts(
            Kernels kernels,
            CpuThreads threads,
            Scratch scratch,
            PassMemory memory,
            Optional<NibbleProducts> products) {
        this.nibbles = products.map(each -> new NibbleExperts(each, kernels, threads));
        this.kernels = kernels;
        this.threads = threads;
        this.scratch = scratch;
        this.memory = memory;
    }

    /** Writes the weighted sums {@code [L, E]} over {@code out}. */
    void mix(float[] x, int positions, CpuRouter.Chosen routing, ExpertWeights experts, float[] out) {
        int width = experts.gate().columns();
        int inner = experts.gate().rows();
        int pairs = positions * routing.chosen();
        int[] starts = starts(routing.experts(), experts.gate().size());
        int[] place = places(routing.experts(), starts);
        int[] used = used(starts);
        float[] gate = memory.take(pairs * inner);
        float[] up = memory.take(pairs * inner);
        float[] parts = memory.take(pairs * width);
        if (nibbles.isPresent() && nibbles.get().take(experts)) {
            NibbleExperts.Order order = new NibbleExperts.Order(starts, place, used, used.length, routing.chosen());
            nibbles.get().compute(x, positions, order, experts, gate, up, parts);
        } else {
            compute(x, pairs, routing, experts, starts, place, used, gate, up, parts);
        }
        add(routing, experts, place, parts, positions, out);
    }

    private void compute(
            float[] x,
            int pairs,
            CpuRouter.Chosen routing,
            ExpertWeights experts,
            int[] starts,
            int[] place,
            int[] used,
            float[] gate,
            float[] up,
            float[] parts) {
        int width = experts.gate().columns();
        int inner = experts.gate().rows();
        float[] sorted = memory.take(pairs * width);
        for (int p = 0; p < pairs; p++) {
            System.arraycopy(x, p / routing.chosen() * width, sorted, place[p] * width, width);
        }
        long multiplications = (long) pairs * inner * width;
        int innerChunks = Math.ceilDiv(inner, CHUNK_ROWS);
        int inners = used.length * innerChunks;
        threads.share(inners, 2 * multiplications / inners, CpuThreads.FLOAT_PRODUCTS, (from, to, worker) -> {
            float[] room = scratch.of(worker, kernels.scratchFloats(width, pairs));
            for (int item = from; item < to; item++) {
                int expert = used[item / innerChunks];
                int first = item % innerChunks * CHUNK_ROWS;
                int last = Math.min(inner, first + CHUNK_ROWS);
                int start = starts[expert];
                int rows = starts[expert + 1] - start;
                int at = start * inner;
                kernels.multiply(
                        experts.gate().get(expert),
                        first,
                        last,
                        sorted,
                        start * width,
                        width,
                        rows,
                        gate,
                        at,
                        inner,
                        room);
                kernels.multiply(
                        experts.up().get(expert), first, last, sorted, start * width, width, rows, up, at, inner, room);
                join(kernels, experts, expert, gate, up, at, rows, inner, first, last);
            }
        });
        int outerChunks = Math.ceilDiv(width, CHUNK_ROWS);
        int outers = used.length * outerChunks;
        threads.share(outers, multiplications / outers, CpuThreads.FLOAT_PRODUCTS, (from, to, worker) -> {
            float[] room = scratch.of(worker, kernels.scratchFloats(inner, pairs));
            for (int item = from; item < to; item++) {
                int expert = used[item / outerChunks];
                int first = item % outerChunks * CHUNK_ROWS;
                int last = Math.min(width, first + CHUNK_ROWS);
                int start = starts[expert];
                int rows = starts[expert + 1] - start;
                kernels.multiply(
                        experts.down().get(expert),
                        first,
                        last,
                        gate,
                        start * inner,
                        inner,
                        rows,
                        parts,
                        start * width,
                        width,
                        room);
            }
        });
    }

    /** The sums of each position's parts by their shares. */
    private void add(
            CpuRouter.Chosen routing, ExpertWeights experts, int[] place, float[] parts, int positions, float[] out) {
        int width = experts.gate().columns();
        int pairs = positions * routing.chosen();
        float[] downBias = experts.biases().map(b -> HeapBuffer.of(b.down())).orElse(new float[0]);
        Arrays.fill(out, 0, positions * width, 0);
        for (int p = 0; p < pairs; p++) {
            int at = p / routing.chosen() * width;
            kernels.addScaled(routing.shares()[p], parts, place[p] * width, out, at, width);
            if (downBias.length > 0) {
                kernels.addScaled(routing.shares()[p], downBias, routing.experts()[p] * width, out, at, width);
            }
        }
    }

    /** Adds biases and joins gate and up of some rows; the results are left in {@code gate}. */
    static void join(
            Kernels kernels,
            ExpertWeights experts,
            int expert,
            float[] gate,
            float[] up,
            int at,
            int rows,
            int inner,
            int first,
            int last) {
        if (experts.biases().isPresent()) {
            float[] gateBias = HeapBuffer.of(experts.biases().get().gate());
            float[] upBias = HeapBuffer.of(experts.biases().get().up());
            for (int i = 0; i < rows; i++) {
                for (int f = first; f < last; f++) {
                    gate[at + i * inner + f] += gateBias[expert * inner + f];
                    up[at + i * inner + f] += upBias[expert * inner + f];
                }
            }
        }
        for (int i = 0; i < rows; i++) {
            gate(kernels, experts.gating(), gate, up, at + i * inner + first, last - first);
        }
    }

    /** Leaves the joined values in {@code gate}. */
    static void gate(Kernels kernels, Gating gating, float[] gate, float[] up, int at, int count) {
        switch (gating) {
            case Gating.SwiGlu _ -> kernels.silu(gate, up, at, count);
            case Gating.ClampedSwiGlu(float limit, float slope) -> {
                for (int i = at; i < at + count; i++) {
                    float g = Math.min(gate[i], limit);
                    float u = Math.clamp(up[i], -limit, limit);
                    gate[i] = (float) (g / (1 + Math.exp(-slope * g))) * (u + 1);
                }
            }
        }
    }

    /** Where each expert's positions begin in the sorted order; one more at the end. */
    private static int[] starts(int[] experts, int count) {
        int[] starts = new int[count + 1];
        for (int expert : experts) {
            starts[expert + 1]++;
        }
        for (int e = 0; e < count; e++) {
            starts[e + 1] += starts[e];
        }
        return starts;
    }

    private static int[] places(int[] experts, int[] starts) {
        int[] next = starts.clone();
        int[] place = new int[experts.length];
        for (int p = 0; p < experts.length; p++) {
            place[p] = next[experts[p]]++;
        }
        return place;
    }

    private static int[] used(int[] starts) {
        int[] used = new int[starts.length - 1];
        int count = 0;
        for (int e = 0; e + 1 < starts.length; e++) {
            if (starts[e + 1] > starts[e]) {
                used[count++] = e;
            }
        }
        return Arrays.copyOf(used, count);
    }
}
