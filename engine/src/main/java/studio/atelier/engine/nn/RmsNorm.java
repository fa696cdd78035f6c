package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Tensor;

/**
 * Root mean square norm over the last axis (Zhang and Sennrich 2019).
 *
 * @param weight one factor per element of the last axis
 */
public record RmsNorm(Backend backend, Tensor weight, float epsilon) {
    public Tensor apply(Tensor x) {
        return backend.rmsNorm(x, weight, epsilon);
    }
}
