package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;

/**
 * The routed experts of a layer: positions are sorted by expert, so that each expert's weights are read once for all
 * its positions, and all chosen experts are computed in one phase.
 */
final class CpuExperts {
    private static final float[] NO_BIAS = {};

    private final Kernels kernels;
    private final CpuThreads threads;
    private final PassMemory memory;
    private final Optional<NibbleExperts> nibbles;
    private final FloatExperts floats;
    private final ExpertOrder order = new ExpertOrder();
    private final Adding adding = new Adding();

    CpuExperts(
            Kernels kernels,
            CpuThreads threads,
            Scratch scratch,
            PassMemory memory,
            Optional<NibbleProducts> products) {
        this.nibbles = products.map(each -> new NibbleExperts(each, kernels, threads));
        this.floats = new FloatExperts(kernels, threads, scratch, memory);
        this.kernels = kernels;
        this.threads = threads;
        this.memory = memory;
    }

    /** Writes the weighted sums {@code [L, E]} over {@code out}. */
    void mix(float[] x, int positions, CpuRouter.Chosen routing, ExpertWeights experts, float[] out) {
        int width = experts.gate().columns();
        int inner = experts.gate().rows();
        int pairs = positions * routing.chosen();
        order.sort(routing, experts.gate().size());
        float[] gate = memory.take(pairs * inner);
        float[] up = memory.take(pairs * inner);
        float[] parts = memory.take(pairs * width);
        if (nibbles.isPresent() && nibbles.get().take(experts)) {
            nibbles.get().compute(x, positions, order, experts, gate, up, parts);
        } else {
            floats.compute(x, pairs, order, experts, gate, up, parts);
        }
        add(routing, experts, parts, positions, out);
    }

    /** The sums of each position's parts by their shares. */
    private void add(CpuRouter.Chosen routing, ExpertWeights experts, float[] parts, int positions, float[] out) {
        adding.routing = routing;
        adding.width = experts.gate().columns();
        adding.parts = parts;
        adding.biases = experts.biases().isPresent()
                ? HeapBuffer.of(experts.biases().get().down())
                : NO_BIAS;
        adding.out = out;
        threads.share(positions, CpuElements.chunkRows(adding.width * routing.chosen()), adding);
    }

    private final class Adding implements CpuThreads.Chunk {
        private CpuRouter.@Nullable Chosen routing;
        private int width;
        private float[] parts = {};
        private float[] biases = {};
        private float[] out = {};

        @Override
        public void run(int from, int to, int worker) {
            CpuRouter.Chosen r = routing;
            if (r == null) {
                return;
            }
            Arrays.fill(out, from * width, to * width, 0);
            for (int p = from * r.chosen(); p < to * r.chosen(); p++) {
                int at = p / r.chosen() * width;
                kernels.addScaled(r.shares()[p], parts, order.place(p) * width, out, at, width);
                if (biases.length > 0) {
                    kernels.addScaled(r.shares()[p], biases, r.experts()[p] * width, out, at, width);
                }
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
}
