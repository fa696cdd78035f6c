package studio.atelier.engine.nn;

import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.tensor.Tensor;

/** The part of a block that looks at other positions. */
@FunctionalInterface
public interface Attention {
    /**
     * @param x {@code [L, E]}
     * @param batch whose rows they are; the new positions are stored in its caches
     * @param layer which one this is
     * @return {@code [L, E]}
     */
    Tensor apply(Tensor x, Batch batch, int layer);

    /** Only stores the new positions, for rows whose result nobody needs. */
    default void remember(Tensor x, Batch batch, int layer) {
        apply(x, batch, layer);
    }
}
