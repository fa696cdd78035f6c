package studio.atelier.engine.tensor;

/**
 * How the numbers of a weight matrix lie in its file, and how they are read: the one place that lists quantizations.
 *
 * <p>Values are packed along a row as one little-endian bit stream, element 0 lowest. Sources: MLX 0.32 {@code
 * quantized.cpp}, OCP Microscaling 1.0, DeepSeek-V3's released FP8 checkpoints.
 */
public sealed interface QuantFormat {
    /** One number after the other. */
    record Dense(DType type) implements QuantFormat {}

    /**
     * E4M3 values, one float32 factor per tile of rows × columns; the product is rounded to bfloat16 as the released
     * conversion does.
     */
    record Fp8Tiles(int tileRows, int tileColumns) implements QuantFormat {}

    /** MLX affine: {@code scale · code + bias}, one pair for each group of neighbours in a row. */
    record Affine(int bits, int groupSize, DType scaleType) implements QuantFormat {
        public Affine {
            if (bits < 2 || bits == 7 || bits > 8) {
                throw new IllegalArgumentException("bits: expected 2, 3, 4, 5, 6 or 8, got " + bits);
            }
            if (groupSize != 32 && groupSize != 64 && groupSize != 128) {
                throw new IllegalArgumentException("groupSize: expected 32, 64 or 128, got " + groupSize);
            }
        }
    }

    /** E2M1 codes in groups of 32 with a power of two each. */
    record Mxfp4() implements QuantFormat {}

    /** E2M1 codes in groups of 16 with an E4M3 factor each. */
    record Nvfp4() implements QuantFormat {}

    /** E4M3 codes in groups of 32 with a power of two each. */
    record Mxfp8() implements QuantFormat {}

    /** Bits that one value takes in the packed row, scales left out. */
    default int bitsPerValue() {
        return switch (this) {
            case Dense dense -> 8 * dense.type().sizeBytes();
            case Fp8Tiles _, Mxfp8 _ -> 8;
            case Affine affine -> affine.bits();
            case Mxfp4 _, Nvfp4 _ -> 4;
        };
    }

    /** For people, in the words that model pages use. */
    default String label() {
        return switch (this) {
            case Dense dense -> dense.type().name();
            case Fp8Tiles _ -> "FP8";
            case Affine affine -> affine.bits() + "-bit";
            case Mxfp4 _ -> "MXFP4";
            case Nvfp4 _ -> "NVFP4";
            case Mxfp8 _ -> "MXFP8";
        };
    }
}
