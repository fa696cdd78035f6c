package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.Tensor;

/** {@code down(silu(gate x) · up x)}: the dense feed-forward and the shared expert (Shazeer 2020). */
public record SwiGlu(Linear gate, Linear up, Linear down) implements FeedForward {
    @Override
    public Tensor apply(Tensor x) {
        Tensor hidden = gate.backend().gate(new Gating.SwiGlu(), gate.apply(x), up.apply(x)); // [L, F]
        return down.apply(hidden); // [L, E]
    }
}
