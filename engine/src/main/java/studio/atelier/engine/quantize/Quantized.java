package studio.atelier.engine.quantize;

import java.lang.foreign.MemorySegment;
import studio.atelier.engine.tensor.DType;

/**
 * Rows in small, each part as it lies in an MLX file.
 *
 * @param packed a row is one little-endian bit stream, the first code lowest
 * @param scales one per group, of {@code scaleType}
 * @param biases likewise; empty for all modes but affine
 * @param squares sum of the squares of the numbers
 * @param errorSquares sum of the squares of their differences from what the codes stand for
 */
public record Quantized(
        Scheme scheme,
        DType scaleType,
        MemorySegment packed,
        MemorySegment scales,
        MemorySegment biases,
        double squares,
        double errorSquares) {}
