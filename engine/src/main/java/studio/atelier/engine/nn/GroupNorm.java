package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;

/**
 * Group norm over all pixels (Wu and He 2018).
 *
 * @param weight {@code [C]}
 * @param bias {@code [C]}
 */
public record GroupNorm(PictureOperations pictures, Tensor weight, Tensor bias, int groups, float epsilon) {
    /** {@code [Y, X, C]} to the same, with the activation behind it. */
    public Tensor apply(Tensor x, Activation then) {
        return pictures.groupNorm(x, weight, bias, groups, epsilon, then);
    }
}
