package studio.atelier.engine.backend.cpu;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.WeightStack;

/**
 * The routed experts of a layer with weights of every format, all numbers as floats: what {@link NibbleExperts} does not
 * take, in the same two phases. The tasks are fields, so that nothing is allocated for one. Belongs to the engine thread.
 */
final class FloatExperts {
    private static final int CHUNK_ROWS = 32;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Scratch scratch;
    private final PassMemory memory;
    private final Inner inner = new Inner();
    private final Outer outer = new Outer();

    private @Nullable ExpertWeights experts;
    private ExpertOrder order = new ExpertOrder();
    private int pairs;
    private float[] sorted = {};
    private float[] gate = {};
    private float[] up = {};
    private float[] parts = {};

    FloatExperts(Kernels kernels, CpuThreads threads, Scratch scratch, PassMemory memory) {
        this.kernels = kernels;
        this.threads = threads;
        this.scratch = scratch;
        this.memory = memory;
    }

    /**
     * Computes each pair's result into {@code parts [pairs, E]}, in sorted order.
     *
     * @param pairs of a position and one of its experts
     * @param gate room for {@code [pairs, F]}
     * @param up room for {@code [pairs, F]}
     */
    void compute(
            float[] x, int pairs, ExpertOrder order, ExpertWeights weights, float[] gate, float[] up, float[] parts) {
        int width = weights.gate().columns();
        this.experts = weights;
        this.order = order;
        this.pairs = pairs;
        this.sorted = memory.take(pairs * width);
        this.gate = gate;
        this.up = up;
        this.parts = parts;
        for (int p = 0; p < pairs; p++) {
            System.arraycopy(x, p / order.chosen() * width, sorted, order.place(p) * width, width);
        }
        long multiplications = (long) pairs * weights.gate().rows() * width;
        inner.chunks = Math.ceilDiv(weights.gate().rows(), CHUNK_ROWS);
        int inners = order.usedCount() * inner.chunks;
        threads.share(inners, 2 * multiplications / inners, CpuThreads.FLOAT_PRODUCTS, inner);
        outer.chunks = Math.ceilDiv(width, CHUNK_ROWS);
        int outers = order.usedCount() * outer.chunks;
        threads.share(outers, multiplications / outers, CpuThreads.FLOAT_PRODUCTS, outer);
    }

    /** Rows {@code [first, last)} of an expert's matrix, for all its pairs. */
    private void multiply(WeightStack stack, int expert, int first, int last, float[] x, float[] y, int worker) {
        int in = stack.columns();
        int out = stack.rows();
        int start = order.start(expert);
        int rows = order.count(expert);
        float[] room = scratch.of(worker, kernels.scratchFloats(in, pairs));
        kernels.multiply(stack.get(expert), first, last, x, start * in, in, rows, y, start * out, out, room);
    }

    /** Gate and up, joined in {@link #gate}. */
    private final class Inner implements CpuThreads.Chunk {
        private int chunks;

        @Override
        public void run(int from, int to, int worker) {
            ExpertWeights weights = experts;
            if (weights == null) {
                return;
            }
            int size = weights.gate().rows();
            for (int item = from; item < to; item++) {
                int expert = order.used(item / chunks);
                int first = item % chunks * CHUNK_ROWS;
                int last = Math.min(size, first + CHUNK_ROWS);
                multiply(weights.gate(), expert, first, last, sorted, gate, worker);
                multiply(weights.up(), expert, first, last, sorted, up, worker);
                int at = order.start(expert) * size;
                CpuExperts.join(kernels, weights, expert, gate, up, at, order.count(expert), size, first, last);
            }
        }
    }

    /** Down, from {@link #gate} to {@link #parts}. */
    private final class Outer implements CpuThreads.Chunk {
        private int chunks;

        @Override
        public void run(int from, int to, int worker) {
            ExpertWeights weights = experts;
            if (weights == null) {
                return;
            }
            for (int item = from; item < to; item++) {
                int first = item % chunks * CHUNK_ROWS;
                int last = Math.min(weights.down().rows(), first + CHUNK_ROWS);
                multiply(weights.down(), order.used(item / chunks), first, last, gate, parts, worker);
            }
        }
    }
}
