package studio.atelier.engine.tensor;

/** What is done to each element behind a linear layer or a norm. */
public enum Activation {
    /** Nothing. */
    IDENTITY,
    /** {@code x · sigmoid(x)}. */
    SILU,
    /** {@code x · Φ(x)}, with the error function itself, not its approximation by tanh. */
    GELU
}
