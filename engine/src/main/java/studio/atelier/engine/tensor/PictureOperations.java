package studio.atelier.engine.tensor;

import java.util.Optional;

/**
 * What models of pictures need beyond the words of {@link Backend}: convolutions, norms with a mean, attention without an
 * order.
 *
 * <p>Pictures are {@code [Y, X, C]}: a pixel's channels lie side by side, so that a convolution of one pixel is a linear
 * layer and a picture reshaped to {@code [Y * X, C]} is a sequence. The rules of {@link Backend} hold: engine thread only,
 * results belong to the open {@link Pass}.
 */
public interface PictureOperations extends RowOperations {
    /**
     * Convolution.
     *
     * @param x {@code [Y, X, C]}
     * @param filter {@code [O, height * width * C]}, a window row by row with the channels side by side
     * @param bias {@code [O]}
     * @return {@code [Y', X', O]}
     */
    Tensor convolve(Tensor x, Weight filter, Optional<Tensor> bias, Window window);

    /**
     * Each group of neighbouring channels brought to mean 0 and variance 1 over all pixels, then scaled by channel (Wu and
     * He 2018).
     *
     * @param x {@code [.., C]}
     * @param weight {@code [C]}
     * @param bias {@code [C]}
     * @param then what is done to the result
     */
    Tensor groupNorm(Tensor x, Tensor weight, Tensor bias, int groups, float epsilon, Activation then);

    /** Each row brought to mean 0 and variance 1 (Ba et al. 2016), then scaled where there is a weight. */
    Tensor layerNorm(Tensor x, Optional<Tensor> weight, Optional<Tensor> bias, float epsilon);

    /** Element by element. */
    Tensor activate(Tensor x, Activation activation);

    /** Every pixel four times: {@code [Y, X, C]} to {@code [2Y, 2X, C]}. */
    Tensor doubled(Tensor x);

    /**
     * Attention in which every query sees every key.
     *
     * @param queries {@code [L, H, D]}
     * @param keys {@code [T, K, D]}; H is a multiple of K
     * @param values as {@code keys}
     * @return {@code [L, H, D]}
     */
    Tensor attendAll(Tensor queries, Tensor keys, Tensor values, float scale);

    /** {@code x · (1 + scale) + shift}, the same for every row: {@code [L, E]} with {@code [E]}. */
    Tensor modulate(Tensor x, Tensor shift, Tensor scale);

    /** {@code x + gate · y}, the same gate for every row: {@code [L, E]} with {@code [E]}. */
    Tensor addGated(Tensor x, Tensor gate, Tensor y);

    /** Turns neighbours {@code 2i} and {@code 2i + 1} of {@code [L, H, D]}, all heads alike. In place. */
    void rotate(Tensor x, RotaryTable table);
}
