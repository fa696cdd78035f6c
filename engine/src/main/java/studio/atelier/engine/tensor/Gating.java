package studio.atelier.engine.tensor;

/** How a gate and an up projection become one. */
public sealed interface Gating {
    /** {@code silu(gate) · up}. */
    record SwiGlu() implements Gating {}

    /**
     * {@code g · sigmoid(slope · g) · (u + 1)} with {@code g = min(gate, limit)} and {@code u} within ±limit: gpt-oss.
     */
    record ClampedSwiGlu(float limit, float slope) implements Gating {}
}
