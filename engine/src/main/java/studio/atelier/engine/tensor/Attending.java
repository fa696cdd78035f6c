package studio.atelier.engine.tensor;

/**
 * Who may look at whom, for causal attention over a cache.
 *
 * @param firstPosition position of the first query; query {@code i} sees cached positions up to {@code firstPosition + i}
 * @param window how many positions a query sees, itself included; {@link Integer#MAX_VALUE} for all
 * @param scale factor on the scores before the softmax
 */
public record Attending(int firstPosition, int window, float scale) {}
