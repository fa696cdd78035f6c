package studio.atelier.engine.quantize;

import java.lang.foreign.MemorySegment;
import studio.atelier.engine.tensor.DType;

/**
 * Rows in small, each part as it lies in an MLX file.
 *
 * @param packed a row is one little-endian bit stream, the first code lowest
 * @param scales one per group, of {@code scaleType}
 * @param biases likewise; empty for all modes but affine
 */
public record Quantized(
        Scheme scheme, DType scaleType, MemorySegment packed, MemorySegment scales, MemorySegment biases) {}
