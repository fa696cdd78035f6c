package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;

/** Every pixel looks at every other, with one head, beside a way round (Esser et al. 2021, appendix A). */
public record PixelAttention(
        Backend backend,
        PictureOperations pictures,
        GroupNorm norm,
        Linear queries,
        Linear keys,
        Linear values,
        Linear output) {
    /** {@code [Y, X, C]} to the same. */
    public Tensor apply(Tensor x) {
        int pixels = x.shape().rows();
        int channels = x.shape().width();
        Tensor normed = norm.apply(x, Activation.IDENTITY).reshape(pixels, 1, channels); // [Y * X, 1, C]
        float scale = (float) (1 / Math.sqrt(channels));
        Tensor mixed = pictures.attendAll(queries.apply(normed), keys.apply(normed), values.apply(normed), scale);
        return backend.add(
                x, output.apply(mixed).reshape(x.shape().axis(0), x.shape().axis(1), channels)); // [Y, X, C]
    }
}
