package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;

/**
 * Layer norm over the last axis (Ba et al. 2016).
 *
 * @param weight {@code [E]}, where the model has one
 * @param bias {@code [E]}, where the model has one
 */
public record LayerNorm(PictureOperations pictures, Optional<Tensor> weight, Optional<Tensor> bias, float epsilon) {
    public Tensor apply(Tensor x) {
        return pictures.layerNorm(x, weight, bias, epsilon);
    }
}
