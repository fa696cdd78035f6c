package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/**
 * A convolution.
 *
 * @param filter {@code [O, height * width * C]}
 * @param bias {@code [O]}
 */
public record Convolution(PictureOperations pictures, Weight filter, Optional<Tensor> bias, Window window) {
    /** {@code [Y, X, C]} to {@code [Y', X', O]}. */
    public Tensor apply(Tensor x) {
        return pictures.convolve(x, filter, bias, window);
    }
}
