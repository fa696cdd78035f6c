package studio.atelier.engine.loading;

import com.fasterxml.jackson.databind.JsonNode;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;

/**
 * What {@code config.json} says about packed weights: MLX's {@code quantization} with its exceptions by module path, and
 * the tiles of FP8 checkpoints. Source: mlx-lm 0.32 {@code utils.py}.
 */
record Quantization(JsonNode config) {
    /** Bits of a person's word for it; what most of the model is in. */
    private JsonNode section() {
        JsonNode section = config.path("quantization");
        return section.isObject() ? section : config.path("quantization_config");
    }

    /** The format of a module that has scales; {@code scaleType} is what they lie in. */
    QuantFormat of(String module, DType scaleType) throws EngineException {
        JsonNode section = section();
        JsonNode own = section.path(module);
        // An exception without a mode is affine, whatever the model's mode.
        JsonNode source = own.isObject() ? own : section;
        String mode = source.path("mode").asText("affine");
        int bits = source.path("bits").asInt(mode.equals("mxfp8") ? 8 : 4);
        int groupSize = source.path("group_size").asInt(mode.equals("affine") ? 64 : 0);
        return switch (mode) {
            case "affine" -> affine(module, bits, groupSize, scaleType);
            case "mxfp4" -> checked(module, new QuantFormat.Mxfp4(), bits, 4, groupSize, 32);
            case "nvfp4" -> checked(module, new QuantFormat.Nvfp4(), bits, 4, groupSize, 16);
            case "mxfp8" -> checked(module, new QuantFormat.Mxfp8(), bits, 8, groupSize, 32);
            default ->
                throw invalid(module, "the mode \"" + mode + "\" is not known; affine, mxfp4, nvfp4 and mxfp8 are");
        };
    }

    private static QuantFormat affine(String module, int bits, int groupSize, DType scaleType) throws EngineException {
        try {
            return new QuantFormat.Affine(bits, groupSize, scaleType);
        } catch (IllegalArgumentException e) {
            throw invalid(module, String.valueOf(e.getMessage()));
        }
    }

    private static QuantFormat checked(
            String module, QuantFormat format, int bits, int expectedBits, int groupSize, int expectedGroup)
            throws EngineException {
        if (bits != expectedBits || (groupSize != 0 && groupSize != expectedGroup)) {
            throw invalid(
                    module,
                    format.label() + " has " + expectedBits + " bits and groups of " + expectedGroup + ", got " + bits
                            + " and " + groupSize);
        }
        return format;
    }

    /** The tiles that {@code weight_scale_inv} belongs to. */
    QuantFormat.Fp8Tiles tiles() throws EngineException {
        JsonNode size = config.path("quantization_config").path("weight_block_size");
        if (size.isMissingNode()) {
            return new QuantFormat.Fp8Tiles(128, 128);
        }
        int rows = size.path(0).asInt();
        int columns = size.path(1).asInt();
        if (rows < 1 || columns < 1) {
            throw invalid("weight_block_size", "expected two positive numbers, got " + size);
        }
        return new QuantFormat.Fp8Tiles(rows, columns);
    }

    /** For people. */
    String label(String fallback) {
        JsonNode section = section();
        String mode = section.path("mode").asText("affine");
        if (section.hasNonNull("bits")) {
            return mode.equals("affine")
                    ? section.path("bits").asInt() + "-bit"
                    : mode.toUpperCase(java.util.Locale.ROOT);
        }
        return section.hasNonNull("quant_method")
                ? section.path("quant_method").asText().toUpperCase(java.util.Locale.ROOT)
                : fallback;
    }

    private static EngineException invalid(String module, String what) {
        return new EngineException(Reason.CONFIG_INVALID, "config.json: quantization of " + module + ": " + what + ".");
    }
}
