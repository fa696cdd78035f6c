package studio.atelier.engine.tensor;

import studio.atelier.engine.EngineException;

/**
 * Where an architecture finds its weights, by module name and expected shape. What is asked for counts as used.
 *
 * <p>Every method throws {@link EngineException} naming the file, the tensor and the numbers when something is missing
 * or of another shape.
 */
public interface WeightSource {
    /** Whether a tensor of this full name exists. */
    boolean has(String tensor);

    /** The matrix {@code <module>.weight} with its scales, whatever its format. */
    Weight matrix(String module, int rows, int columns) throws EngineException;

    /** A stack stored as one tensor {@code <module>.weight} of {@code [count, rows, columns]}. */
    WeightStack stack(String module, int count, int rows, int columns) throws EngineException;

    /** A stack of MXFP4 matrices stored as {@code <prefix>_blocks [count, rows, n, 16]} and {@code <prefix>_scales}. */
    WeightStack mxfp4Blocks(String prefix, int count, int rows, int columns) throws EngineException;

    /**
     * A convolution's filter {@code <module>.weight} as {@code [out, height * width * in]}, whether it is stored channels
     * first (PyTorch) or channels last (MLX).
     */
    Weight filter(String module, int out, int in, int height, int width) throws EngineException;

    /** All elements of a small tensor; {@code tensor} is the full name. */
    float[] numbers(String tensor, int... axes) throws EngineException;

    /**
     * Matrices cut out of an affine-quantized one and quantized again, as mlx-lm does with the older layout of latent
     * attention: matrix {@code i} has rows {@code first + i * stride ..}.
     *
     * @param transposed whether each is turned before it is quantized
     */
    WeightStack requantized(Weight whole, int count, int first, int stride, int rows, boolean transposed)
            throws EngineException;

    /** Marks a tensor as known and not needed. */
    void ignore(String tensor);
}
