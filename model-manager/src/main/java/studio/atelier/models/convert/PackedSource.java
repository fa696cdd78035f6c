package studio.atelier.models.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.StoredTensor;

/**
 * Weights that were published packed, in a way that an MLX folder holds without losing a bit: gpt-oss's MXFP4 experts
 * ({@code <name>_blocks}, {@code <name>_scales}), and compressed-tensors' symmetric four bits ({@code pack-quantized}:
 * {@code <module>.weight_packed}, {@code .weight_scale}), whose codes are MLX's with {@code bias = -8 · scale}. Source:
 * mlx-lm 0.32 {@code gpt_oss.py} and {@code utils.py}, compressed-tensors' {@code pack_to_int32}.
 */
final class PackedSource {
    static final String BLOCKS = "_blocks";
    static final String PACKED = ".weight_packed";

    private static final String SCALES = "_scales";
    private static final String SCALE = ".weight_scale";
    private static final List<String> BESIDE_PACKED =
            List.of(SCALE, ".weight_shape", ".weight_zero_point", ".weight_g_idx");
    private static final int CODES_PER_WORD = 8;
    private static final int BLOCK_BYTES = 16;

    private PackedSource() {}

    /** Whether the tensors are compressed-tensors', which the engine reads only as what becomes of them. */
    static boolean isCompressed(ModelConfig config) throws EngineException {
        return method(config).equals("compressed-tensors");
    }

    /** Who packed the weights; empty when nobody did. */
    static String method(ModelConfig config) throws EngineException {
        Optional<ModelConfig> quantization = config.quantization();
        return quantization.isPresent() ? quantization.get().text("quant_method", "") : "";
    }

    /** How the weights that stay as they are were packed; empty when there are none. */
    static Optional<Scheme> scheme(ModelConfig config, Map<String, StoredTensor> tensors) throws EngineException {
        if (tensors.keySet().stream().anyMatch(name -> name.endsWith(BLOCKS))) {
            return Optional.of(Scheme.mxfp4());
        }
        return tensors.keySet().stream().anyMatch(name -> name.endsWith(PACKED))
                ? Optional.of(compressed(config))
                : Optional.empty();
    }

    /** Reads what {@code config.json} says, and refuses all but what MLX has too. */
    static Scheme compressed(ModelConfig config) throws EngineException {
        Optional<ModelConfig> quantization = config.quantization();
        Optional<ModelConfig> groups =
                quantization.isPresent() ? quantization.get().nested("config_groups") : Optional.empty();
        if (groups.isEmpty() || groups.get().keys().size() != 1) {
            throw refused(
                    "it has " + (groups.isEmpty() ? 0 : groups.get().keys().size()) + " ways of packing");
        }
        ModelConfig all = quantization.get();
        Optional<ModelConfig> group = groups.get().nested(groups.get().keys().getFirst());
        Optional<ModelConfig> weights = group.isPresent() ? group.get().nested("weights") : Optional.empty();
        if (weights.isEmpty()) {
            throw refused("it doesn't say how weights are packed");
        }
        ModelConfig way = weights.get();
        String format = all.text("format", "");
        int bits = way.integer("num_bits", 1, 64);
        String type = way.text("type", "");
        int groupSize = way.has("group_size") ? way.integer("group_size", -1, 1 << 20) : -1;
        boolean symmetric = way.flag("symmetric", false);
        boolean knownGroup = groupSize == 32 || groupSize == 64 || groupSize == 128;
        if (!format.equals("pack-quantized") || bits != 4 || !type.equals("int") || !symmetric || !knownGroup) {
            throw refused("it is \"" + format + "\", " + bits + " bits of " + type + ", "
                    + (symmetric ? "symmetric" : "not symmetric") + ", in groups of " + groupSize);
        }
        return Scheme.affine(bits, groupSize);
    }

    private static EngineException refused(String found) {
        return new EngineException(
                Reason.DTYPE_UNSUPPORTED,
                "The model was compressed in a way that can't be kept: expected pack-quantized symmetric 4-bit integers in"
                        + " groups of 32, 64 or 128, but " + found + "; choose another version of it.");
    }

    /** The tensor whose numbers the packed ones of {@code tensor} are multiplied by; empty when there is none. */
    static Optional<StoredTensor> scales(StoredTensor tensor, Map<String, StoredTensor> tensors) {
        String name = tensor.name();
        String scales = tensor.dtype() == DType.F8_E4M3
                ? name + "_scale_inv"
                : name.endsWith(BLOCKS)
                        ? name.substring(0, name.length() - BLOCKS.length()) + SCALES
                        : name.endsWith(PACKED) ? name.substring(0, name.length() - PACKED.length()) + SCALE : "";
        return Optional.ofNullable(tensors.get(scales));
    }

    /** Whether a tensor only belongs to another one, and becomes part of what that becomes. */
    static boolean isBeside(String name, Map<String, StoredTensor> tensors) {
        if (name.endsWith(SCALES)) {
            return tensors.containsKey(name.substring(0, name.length() - SCALES.length()) + BLOCKS);
        }
        return BESIDE_PACKED.stream()
                .anyMatch(ending -> name.endsWith(ending)
                        && tensors.containsKey(name.substring(0, name.length() - ending.length()) + PACKED));
    }

    /** All experts' matrices of MXFP4 blocks {@code [X, rows, n, 16]}. */
    static Weight blocks(StoredTensor blocks, Map<String, StoredTensor> tensors) throws EngineException {
        StoredTensor scales = scales(blocks, tensors).orElseThrow(() -> missing(blocks));
        boolean fits = blocks.rank() == 4
                && blocks.axis(3) == BLOCK_BYTES
                && blocks.dtype() == DType.U8
                && scales.dtype() == DType.U8
                && scales.count() * BLOCK_BYTES == blocks.count();
        if (!fits) {
            throw mismatch(blocks, scales);
        }
        long groups = blocks.axis(2);
        return new Weight(
                blocks.name(),
                Math.toIntExact(blocks.axis(0) * blocks.axis(1)),
                Math.toIntExact(groups * 2 * BLOCK_BYTES),
                new QuantFormat.Mxfp4(),
                new Weight.Plane(blocks.bytes(), groups * BLOCK_BYTES),
                new Weight.Plane(scales.bytes(), groups),
                Weight.Plane.NONE,
                0);
    }

    /** One matrix of compressed-tensors' words {@code [rows, columns / 8]}; its biases follow from its scales. */
    static Weight packed(StoredTensor words, Scheme scheme, Map<String, StoredTensor> tensors) throws EngineException {
        StoredTensor scales = scales(words, tensors).orElseThrow(() -> missing(words));
        String module = words.name().substring(0, words.name().length() - PACKED.length());
        for (String unknown : List.of(".weight_zero_point", ".weight_g_idx")) {
            if (tensors.containsKey(module + unknown)) {
                throw refused("it holds " + module + unknown);
            }
        }
        long groups = scales.rank() == 2 ? scales.axis(1) : 0;
        boolean fits = words.rank() == 2
                && words.dtype() == DType.I32
                && scales.rank() == 2
                && scales.axis(0) == words.axis(0)
                && groups * scheme.groupSize() == words.axis(1) * CODES_PER_WORD
                && (scales.dtype() == DType.BF16 || scales.dtype() == DType.F16 || scales.dtype() == DType.F32);
        if (!fits) {
            throw mismatch(words, scales);
        }
        return new Weight(
                words.name(),
                Math.toIntExact(words.axis(0)),
                Math.toIntExact(words.axis(1) * CODES_PER_WORD),
                new QuantFormat.Affine(scheme.bits(), scheme.groupSize(), scales.dtype()),
                new Weight.Plane(words.bytes(), words.axis(1) * Integer.BYTES),
                new Weight.Plane(scales.bytes(), groups * scales.dtype().sizeBytes()),
                Weight.Plane.NONE,
                0);
    }

    /** Matrices of each expert, out of all their rows, every {@code step}-th row from {@code start} on. */
    static List<Weight> experts(Weight all, int count, int start, int step) {
        int rows = all.rows() / count;
        List<Weight> each = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            each.add(all.slice(i * rows + start, rows / step, step));
        }
        return each;
    }

    private static EngineException missing(StoredTensor packed) {
        return new EngineException(
                Reason.TENSOR_MISSING,
                packed.file().getFileName() + ": the scales of the tensor " + packed
                        + " are missing; download the model again.");
    }

    private static EngineException mismatch(StoredTensor packed, StoredTensor scales) {
        return new EngineException(
                Reason.TENSOR_SHAPE,
                packed.file().getFileName() + ": the tensor " + packed + " and its scales " + scales
                        + " don't fit together; download the model again.");
    }
}
