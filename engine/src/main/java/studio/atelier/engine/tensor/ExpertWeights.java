package studio.atelier.engine.tensor;

import java.util.Optional;

/**
 * The routed experts of a layer.
 *
 * @param gate {@code [X, F, E]}
 * @param up {@code [X, F, E]}
 * @param down {@code [X, E, F]}
 * @param biases what is added to the three products, for architectures that have it
 * @param gating how gate and up become one
 */
public record ExpertWeights(
        WeightStack gate, WeightStack up, WeightStack down, Optional<Biases> biases, Gating gating) {
    /**
     * Addends of the projections.
     *
     * @param gate {@code [X, F]}
     * @param up {@code [X, F]}
     * @param down {@code [X, E]}
     */
    public record Biases(Tensor gate, Tensor up, Tensor down) {}
}
