package studio.atelier.engine.backend.cpu;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * The routed experts of a layer with weights of 4 or 8 bits, in two phases over all chosen experts: gate and up, which leave
 * their joined values already coded, then down.
 *
 * <p>Positions are sorted by expert as in {@link CpuExperts}; what is sorted are the codes. Belongs to the engine thread.
 */
final class NibbleExperts {
    /** A chunk of gate and up rows: whole blocks, so that the thread that computed them can code them. */
    private static final int INNER_ROWS = 64;

    /** The same where every thread gets many. */
    private static final int LONG_INNER_ROWS = 256;

    private static final int CHUNKS_PER_THREAD = 8;

    /** Coded rows that a thread copies before it asks for more. */
    private static final int SORTED_ROWS = 32;

    private final NibbleProducts products;
    private final Kernels kernels;
    private final CpuThreads threads;
    private final Activations sorted = new Activations();
    private final Activations hidden = new Activations();
    private final Sorting sorting = new Sorting();
    private final Inner inner = new Inner();
    private final Outer outer = new Outer();

    private @Nullable ExpertWeights experts;
    private ExpertOrder order = new ExpertOrder();
    private float[] gate = {};
    private float[] up = {};
    private float[] parts = {};

    NibbleExperts(NibbleProducts products, Kernels kernels, CpuThreads threads) {
        this.kernels = kernels;
        this.products = products;
        this.threads = threads;
    }

    /** Whether all matrices can go this way: the inner size must be whole blocks, and gate and up share x's codes. */
    boolean take(ExpertWeights weights) {
        return products.takeAll(weights.gate())
                && products.takeAll(weights.up())
                && products.takeAll(weights.down())
                && form(weights.gate()) == form(weights.up());
    }

    private static CodeForm form(WeightStack weights) {
        return NibbleProducts.form(weights.get(0));
    }

    /**
     * Computes each pair's result into {@code parts [pairs, E]}, in sorted order.
     *
     * @param gate room for {@code [pairs, F]}
     * @param up room for {@code [pairs, F]}
     */
    void compute(
            float[] x,
            int positions,
            ExpertOrder order,
            ExpertWeights weights,
            float[] gate,
            float[] up,
            float[] parts) {
        int pairs = positions * order.chosen();
        CodeForm form = form(weights.gate());
        Activations coded = products.code(x, positions, weights.gate().columns(), form);
        boolean few = positions <= NibbleProducts.FEW_POSITIONS;
        sorted.shape(pairs, weights.gate().columns(), form);
        sorted.ofFewPositions(few);
        this.order = order;
        sorting.from = coded;
        threads.share(pairs, SORTED_ROWS, sorting);
        hidden.shape(pairs, weights.gate().rows(), form(weights.down()));
        hidden.ofFewPositions(few);
        this.experts = weights;
        this.gate = gate;
        this.up = up;
        this.parts = parts;
        inner.chunkRows = innerRows(weights.gate().rows(), order.usedCount());
        inner.chunks = Math.ceilDiv(weights.gate().rows(), inner.chunkRows);
        long multiplications =
                (long) pairs * weights.gate().rows() * weights.gate().columns();
        int inners = order.usedCount() * inner.chunks;
        threads.share(inners, 2 * multiplications / inners, CpuThreads.EMITTED_PRODUCTS, inner);
        outer.chunkRows = products.chunkRows(weights.down().get(0), order.usedCount());
        outer.chunks = Math.ceilDiv(weights.down().rows(), outer.chunkRows);
        int outers = order.usedCount() * outer.chunks;
        threads.share(outers, multiplications / outers, CpuThreads.EMITTED_PRODUCTS, outer);
    }

    private int innerRows(int rows, int count) {
        if (threads.size() == 1) {
            return LONG_INNER_ROWS;
        }
        int each = rows * count / CHUNKS_PER_THREAD / threads.size();
        return Math.clamp(each / INNER_ROWS * INNER_ROWS, INNER_ROWS, LONG_INNER_ROWS);
    }

    private final class Sorting implements CpuThreads.Chunk {
        private Activations from = sorted;

        @Override
        public void run(int first, int end, int worker) {
            for (int pair = first; pair < end; pair++) {
                sorted.copyRow(order.place(pair), from, pair / order.chosen());
            }
        }
    }

    private final class Inner implements CpuThreads.Chunk {
        private int chunks;
        private int chunkRows;

        @Override
        public void run(int from, int to, int worker) {
            ExpertWeights weights = experts;
            if (weights == null) {
                return;
            }
            int rows = weights.gate().rows();
            for (int item = from; item < to; item++) {
                int expert = order.used(item / chunks);
                int first = item % chunks * chunkRows;
                int last = Math.min(rows, first + chunkRows);
                int start = order.start(expert);
                int tokens = order.count(expert);
                int at = start * rows;
                product(weights.gate(), expert, first, last, start, tokens, gate, at, worker);
                product(weights.up(), expert, first, last, start, tokens, up, at, worker);
                CpuExperts.join(kernels, weights, expert, gate, up, at, tokens, rows, first, last);
                for (int t = 0; t < tokens; t++) {
                    products.kernels()
                            .code(
                                    hidden,
                                    start + t,
                                    first / Activations.BLOCK,
                                    (last - first) / Activations.BLOCK,
                                    gate,
                                    at + t * rows + first,
                                    worker);
                }
            }
        }

        private void product(
                WeightStack stack,
                int expert,
                int first,
                int last,
                int start,
                int tokens,
                float[] y,
                int at,
                int worker) {
            products.kernels()
                    .multiply(stack.get(expert), first, last, sorted, start, 1, tokens, y, at, stack.rows(), worker);
        }
    }

    private final class Outer implements CpuThreads.Chunk {
        private int chunks;
        private int chunkRows;

        @Override
        public void run(int from, int to, int worker) {
            ExpertWeights weights = experts;
            if (weights == null) {
                return;
            }
            for (int item = from; item < to; item++) {
                int expert = order.used(item / chunks);
                Weight down = weights.down().get(expert);
                int first = item % chunks * chunkRows;
                int last = Math.min(down.rows(), first + chunkRows);
                int start = order.start(expert);
                int tokens = order.count(expert);
                int at = start * down.rows();
                products.kernels()
                        .multiply(down, first, last, hidden, start, 1, tokens, parts, at, down.rows(), worker);
            }
        }
    }
}
