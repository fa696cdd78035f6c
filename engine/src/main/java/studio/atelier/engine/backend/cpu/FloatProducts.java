package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Products with weights of every format, all numbers as floats: what {@link NibbleProducts} does not take. The tasks are
 * fields, so that nothing is allocated for one. Belongs to the engine thread.
 */
final class FloatProducts {
    private static final int CHUNK_ROWS = 32;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Scratch scratch;
    private final Rows rows = new Rows();
    private final Heads heads = new Heads();
    private final TransposedHeads transposedHeads = new TransposedHeads();
    private final NarrowHeads narrow;

    FloatProducts(Kernels kernels, CpuThreads threads, Scratch scratch) {
        this.kernels = kernels;
        this.threads = threads;
        this.scratch = scratch;
        this.narrow = new NarrowHeads(kernels, threads);
    }

    /** {@code y = x Wᵀ} for {@code tokens} rows of x. */
    void multiply(Weight weight, float[] x, int tokens, float[] y) {
        rows.weight = weight;
        rows.x = x;
        rows.tokens = tokens;
        rows.y = y;
        threads.share(weight.rows(), CHUNK_ROWS, rows);
    }

    /** Each head by its own matrix: x is {@code [tokens, heads, in]}, y is {@code [tokens, heads, out]}. */
    void multiplyEach(WeightStack weights, float[] x, int tokens, float[] y) {
        if (weights.columns() <= kernels.narrowColumns()) {
            narrow.multiply(weights, x, tokens, y);
            return;
        }
        heads.weights = weights;
        heads.x = x;
        heads.tokens = tokens;
        heads.y = y;
        threads.share(weights.size(), productsEach(weights, tokens), CpuThreads.FLOAT_PRODUCTS, heads);
    }

    /** Each head by its own matrix turned: x is {@code [tokens, heads, out]}, y is {@code [tokens, heads, in]}. */
    void multiplyEachTransposed(WeightStack weights, float[] x, int tokens, float[] y) {
        transposedHeads.weights = weights;
        transposedHeads.x = x;
        transposedHeads.tokens = tokens;
        transposedHeads.y = y;
        threads.share(weights.size(), productsEach(weights, tokens), CpuThreads.FLOAT_PRODUCTS, transposedHeads);
    }

    private static long productsEach(WeightStack weights, int tokens) {
        return (long) tokens * weights.rows() * weights.columns();
    }

    private final class Rows implements CpuThreads.Chunk {
        private @Nullable Weight weight;
        private float[] x = {};
        private int tokens;
        private float[] y = {};

        @Override
        public void run(int from, int to, int worker) {
            Weight w = weight;
            if (w == null) {
                return;
            }
            float[] room = scratch.of(worker, kernels.scratchFloats(w.columns(), tokens));
            kernels.multiply(w, from, to, x, 0, w.columns(), tokens, y, 0, w.rows(), room);
        }
    }

    private final class Heads implements CpuThreads.Chunk {
        private @Nullable WeightStack weights;
        private float[] x = {};
        private int tokens;
        private float[] y = {};

        @Override
        public void run(int from, int to, int worker) {
            WeightStack stack = weights;
            if (stack == null) {
                return;
            }
            int count = stack.size();
            int in = stack.columns();
            int out = stack.rows();
            float[] room = scratch.of(worker, kernels.scratchFloats(in, tokens));
            for (int h = from; h < to; h++) {
                kernels.multiply(stack.get(h), 0, out, x, h * in, count * in, tokens, y, h * out, count * out, room);
            }
        }
    }

    private final class TransposedHeads implements CpuThreads.Chunk {
        private @Nullable WeightStack weights;
        private float[] x = {};
        private int tokens;
        private float[] y = {};

        @Override
        public void run(int from, int to, int worker) {
            WeightStack stack = weights;
            if (stack == null) {
                return;
            }
            int count = stack.size();
            int in = stack.columns();
            int out = stack.rows();
            float[] row = scratch.of(worker, in);
            for (int h = from; h < to; h++) {
                for (int l = 0; l < tokens; l++) {
                    Arrays.fill(y, (l * count + h) * in, (l * count + h + 1) * in, 0);
                }
                for (int r = 0; r < out; r++) {
                    kernels.decode(stack.get(h), r, row, 0);
                    for (int l = 0; l < tokens; l++) {
                        int at = l * count + h;
                        kernels.addScaled(x[at * out + r], row, 0, y, at * in, in);
                    }
                }
            }
        }
    }
}
