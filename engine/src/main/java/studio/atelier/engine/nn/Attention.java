package studio.atelier.engine.nn;

import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.tensor.Tensor;

/** The part of a block that looks at other positions. */
@FunctionalInterface
public interface Attention {
    /**
     * @param x {@code [L, E]}
     * @param cache of this layer; the new positions are stored in it
     * @param position of the first row of x
     * @return {@code [L, E]}
     */
    Tensor apply(Tensor x, LayerCache cache, int position);
}
