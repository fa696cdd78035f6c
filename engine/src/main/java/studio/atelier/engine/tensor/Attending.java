package studio.atelier.engine.tensor;

/**
 * Who may look at whom, for causal attention over a cache; the same for every position that a layer computes.
 *
 * @param window how many positions a query sees, itself included; {@link Integer#MAX_VALUE} for all
 * @param scale factor on the scores before the softmax
 */
public record Attending(int window, float scale) {
    /** A query sees every earlier position. */
    public static Attending all(float scale) {
        return new Attending(Integer.MAX_VALUE, scale);
    }

    /** With scores over {@code sqrt(D)}, D being the head size (Vaswani et al. 2017). */
    public static Attending within(int window, int headSize) {
        return new Attending(window, (float) (1 / Math.sqrt(headSize)));
    }
}
