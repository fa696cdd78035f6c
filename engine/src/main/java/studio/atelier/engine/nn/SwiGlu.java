package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.Tensor;

/** {@code down(silu(gate x) · up x)}: the dense feed-forward and the shared expert (Shazeer 2020). */
public record SwiGlu(Linear gate, Linear up, Linear down) implements FeedForward {
    private static final Gating GATING = new Gating.SwiGlu();

    @Override
    public Tensor apply(Tensor x) {
        Tensor hidden = gate.backend().gate(GATING, gate.apply(x), up.apply(x)); // [L, F]
        return down.apply(hidden); // [L, E]
    }
}
