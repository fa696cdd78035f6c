package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Tensor;

/** The part of a block that looks at each position alone: {@code [L, E]} to {@code [L, E]}. */
@FunctionalInterface
public interface FeedForward {
    Tensor apply(Tensor x);
}
