package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;

/**
 * {@code y = x Wᵀ (+ b)}, whatever the weight's format.
 *
 * @param weight {@code [out, in]}
 * @param bias {@code [out]}
 */
public record Linear(Backend backend, Weight weight, Optional<Tensor> bias) {
    /** {@code [.., in]} to {@code [.., out]}. */
    public Tensor apply(Tensor x) {
        return backend.multiply(weight, x, bias);
    }
}
