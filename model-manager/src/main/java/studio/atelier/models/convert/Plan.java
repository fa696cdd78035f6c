package studio.atelier.models.convert;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.StoredTensor;

/**
 * What a checkpoint's tensors become in an MLX folder: names, stacks of experts, latent attention cut in two, and which
 * modules get smaller. Source: mlx-lm 0.32, {@code sanitize} of each architecture and {@code quantize_model}; unlike
 * there, a layer that predicts further tokens is kept.
 */
final class Plan {
    private static final Pattern EXPERT =
            Pattern.compile("(?<at>.+)\\.experts\\.(?<index>\\d+)\\.(?<part>\\w+)(?<kind>\\.weight|\\.weight_packed)");
    private static final Map<String, String> MIXTRAL_PARTS =
            Map.of("w1", "gate_proj", "w2", "down_proj", "w3", "up_proj");
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(?<number>\\d{1,9})\\..+");
    private static final String BOTH = ".gate_up_proj";
    /** Janus, as published and as Hugging Face converts it. */
    private static final Set<String> PICTURES = Set.of("multi_modality", "janus");

    private static final Scheme ROUTER = Scheme.affine(8, 64);

    private final String architecture;
    private final int layers;
    private final Map<String, StoredTensor> tensors;
    private final Source source;
    private final Recipe recipe;
    private final Optional<Scheme> kept;
    private final Map<String, Output> outputs = new LinkedHashMap<>();
    private final Map<String, Scheme> exceptions = new TreeMap<>();

    private Plan(ModelConfig config, Map<String, StoredTensor> tensors, Recipe recipe) throws EngineException {
        this.architecture = config.modelType();
        this.layers = isLatent() ? config.integer("num_hidden_layers", 1, Integer.MAX_VALUE) : Integer.MAX_VALUE;
        this.tensors = tensors;
        this.source = Source.of(config, tensors);
        this.recipe = PICTURES.contains(architecture) ? recipe.forPictures() : recipe;
        this.kept = PackedSource.scheme(config, tensors);
    }

    /** Plans for a checkpoint whose configuration and tensors were found to fit together. */
    static Plan of(ModelConfig config, Map<String, StoredTensor> tensors, Recipe recipe) throws EngineException {
        Plan plan = new Plan(config, tensors, recipe);
        boolean tied = config.flag("tie_word_embeddings", !tensors.containsKey("lm_head.weight"));
        for (StoredTensor tensor : tensors.values()) {
            boolean needless = tensor.name().endsWith("rotary_emb.inv_freq")
                    || tensor.name().endsWith(".weight_scale_inv")
                    || PackedSource.isBeside(tensor.name(), tensors)
                    || tied && tensor.name().equals("lm_head.weight");
            if (!needless) {
                plan.add(config, tensor);
            }
        }
        return plan;
    }

    /** What will be written, in this order. */
    Collection<Output> outputs() {
        return outputs.values();
    }

    /** How most modules are packed: as published, where packed ones are kept. */
    Scheme scheme() {
        return kept.orElse(recipe.scheme());
    }

    /** Modules that are packed in another way than the rest. */
    Map<String, Scheme> exceptions() {
        return exceptions;
    }

    /** Whether the head is a matrix of its own. */
    boolean hasOwnHead() {
        return outputs.containsKey("lm_head");
    }

    /** Whether an output belongs to a layer behind the last one, which predicts further tokens. */
    boolean predicts(String output) {
        Matcher layer = LAYER.matcher(output);
        return layer.matches() && Integer.parseInt(layer.group("number")) >= layers;
    }

    private void add(ModelConfig config, StoredTensor tensor) throws EngineException {
        String name = tensor.name();
        Matcher expert = EXPERT.matcher(name);
        if (expert.matches()) {
            addExperts(expert.group("at"), expert.group("part"), expert.group("kind"));
        } else if (name.endsWith(PackedSource.BLOCKS)) {
            addBlocks(tensor, name.substring(0, name.length() - PackedSource.BLOCKS.length()));
        } else if (name.endsWith(PackedSource.PACKED)) {
            Weight matrix = PackedSource.packed(tensor, scheme(), tensors);
            keep(name.substring(0, name.length() - PackedSource.PACKED.length()), new Rows.Kept(List.of(matrix)));
        } else if (name.endsWith(".experts" + BOTH + "_bias")) {
            String at = name.substring(0, name.length() - (BOTH + "_bias").length());
            addBiases(tensor, at + ".gate_proj.bias", 0);
            addBiases(tensor, at + ".up_proj.bias", 1);
        } else if (name.endsWith(".experts.down_proj_bias")) {
            String renamed = name.substring(0, name.length() - "_bias".length()) + ".bias";
            outputs.put(renamed, new Output(renamed, source.rows(tensor), source.type(tensor), Optional.empty()));
        } else if (isLatent() && name.endsWith(".kv_b_proj.weight")) {
            addLatent(config, name);
        } else if (name.endsWith(".weight") && (tensor.rank() == 2 || tensor.rank() == 3) && !isPlainRouter(name)) {
            addMatrix(module(name), source.rows(tensor), source.type(tensor));
        } else {
            DType type = name.endsWith("e_score_correction_bias") ? tensor.dtype() : source.type(tensor);
            outputs.put(name, new Output(name, source.rows(tensor), type, Optional.empty()));
        }
    }

    /** gpt-oss's experts: rows of gate and up take turns. */
    private void addBlocks(StoredTensor tensor, String module) throws EngineException {
        Weight all = PackedSource.blocks(tensor, tensors);
        int experts = Math.toIntExact(tensor.axis(0));
        if (module.endsWith(BOTH)) {
            String at = module.substring(0, module.length() - BOTH.length());
            keep(at + ".gate_proj", new Rows.Kept(PackedSource.experts(all, experts, 0, 2)));
            keep(at + ".up_proj", new Rows.Kept(PackedSource.experts(all, experts, 1, 2)));
        } else {
            keep(module, new Rows.Kept(PackedSource.experts(all, experts, 0, 1)));
        }
    }

    private void addBiases(StoredTensor both, String name, int start) throws EngineException {
        Rows rows = new Rows.EverySecond(source.matrix(both), start);
        outputs.put(name, new Output(name, rows, source.type(both), Optional.empty()));
    }

    private void keep(String module, Rows.Kept rows) {
        DType type = rows.matrices().getFirst().format() instanceof QuantFormat.Affine affine
                ? affine.scaleType()
                : DType.U8;
        outputs.put(module, new Output(module, rows, type, Optional.of(scheme())));
    }

    /** Of a model of pictures the language model gets smaller; eyes and decoders are a small part and show every loss. */
    private boolean staysWhole(String module) {
        return PICTURES.contains(architecture)
                && !module.startsWith("language_model.")
                && !module.startsWith("model.language_model.")
                && !module.equals("lm_head");
    }

    private void addMatrix(String module, Rows rows, DType type) {
        boolean router = Set.of("qwen3_moe", "gpt_oss").contains(architecture) && isRouter(module);
        Scheme scheme = recipe.scheme(module);
        boolean divides = scheme.divides(rows.columns()) && !staysWhole(module);
        if (router && divides && ROUTER.divides(rows.columns())) {
            exceptions.put(module, ROUTER);
            outputs.put(module, new Output(module, rows, type, Optional.of(ROUTER)));
        } else if (divides && !router) {
            // Beside weights that are kept, mlx-lm names every module that it packs.
            if (!scheme.equals(scheme()) || kept.isPresent()) {
                exceptions.put(module, scheme);
            }
            outputs.put(module, new Output(module, rows, type, Optional.of(scheme)));
        } else {
            outputs.put(module, new Output(module + ".weight", rows, type, Optional.empty()));
        }
    }

    /** All experts of a layer at once, when the first of them comes. */
    private void addExperts(String at, String part, String kind) throws EngineException {
        String module = at + ".switch_mlp." + MIXTRAL_PARTS.getOrDefault(part, part);
        if (outputs.containsKey(module)) {
            return;
        }
        List<Weight> matrices = new ArrayList<>();
        Set<DType> types = new TreeSet<>();
        boolean packed = kind.equals(PackedSource.PACKED);
        while (tensors.get(at + ".experts." + matrices.size() + "." + part + kind) instanceof StoredTensor next) {
            matrices.add(packed ? PackedSource.packed(next, scheme(), tensors) : source.matrix(next));
            types.add(source.type(next));
        }
        if (packed) {
            keep(module, new Rows.Kept(matrices));
        } else {
            addMatrix(
                    module,
                    Rows.Stacked.all(matrices),
                    types.size() == 1 ? types.iterator().next() : DType.F32);
        }
    }

    /** {@code kv_b_proj} of all heads becomes the keys' part, turned, and the values' part. */
    private void addLatent(ModelConfig config, String name) throws EngineException {
        int heads = config.integer("num_attention_heads", 1, Integer.MAX_VALUE);
        int keySize = config.integer("qk_nope_head_dim", 1, Integer.MAX_VALUE);
        int valueSize = config.integer("v_head_dim", 1, Integer.MAX_VALUE);
        StoredTensor both = Source.present(tensors, name);
        Weight whole = source.matrix(both);
        DType type = source.type(both);
        int stride = keySize + valueSize;
        String at = name.substring(0, name.length() - "kv_b_proj.weight".length());
        addMatrix(at + "embed_q", new Rows.Turned(Rows.cut(whole, heads, 0, stride, keySize)), type);
        addMatrix(at + "unembed_out", Rows.Stacked.all(Rows.cut(whole, heads, keySize, stride, valueSize)), type);
    }

    private boolean isLatent() {
        return architecture.equals("deepseek_v3") || architecture.equals("kimi_k2");
    }

    /** Whether a module chooses experts, by its name in the architectures where mlx-lm has a rule for it. */
    static boolean isRouter(String module) {
        return module.endsWith(".mlp.gate") || module.endsWith(".mlp.router");
    }

    /** DeepSeek's router is no linear layer in mlx-lm and stays in floats. */
    private boolean isPlainRouter(String name) {
        return (isLatent() || architecture.equals("deepseek_v2")) && name.endsWith(".mlp.gate.weight");
    }

    private static String module(String weight) {
        return weight.substring(0, weight.length() - ".weight".length());
    }

    /** How the checkpoint's own tensors are read. */
    private record Source(Map<String, StoredTensor> tensors, QuantFormat.Fp8Tiles tiles, Optional<DType> declared) {
        static Source of(ModelConfig config, Map<String, StoredTensor> tensors) throws EngineException {
            // Not "dtype", which mlx-lm doesn't look at: numbers are read as they lie then.
            String type = config.text("torch_dtype", "");
            Optional<DType> declared =
                    switch (type) {
                        case "bfloat16" -> Optional.of(DType.BF16);
                        case "float16" -> Optional.of(DType.F16);
                        case "float32" -> Optional.of(DType.F32);
                        default -> Optional.empty();
                    };
            Optional<ModelConfig> quantization = config.quantization();
            List<Integer> sides =
                    quantization.isPresent() ? quantization.get().integers("weight_block_size") : List.of();
            QuantFormat.Fp8Tiles tiles = sides.size() == 2
                    ? new QuantFormat.Fp8Tiles(sides.get(0), sides.get(1))
                    : new QuantFormat.Fp8Tiles(128, 128);
            return new Source(tensors, tiles, declared);
        }

        static StoredTensor present(Map<String, StoredTensor> tensors, String name) throws EngineException {
            StoredTensor tensor = tensors.get(name);
            if (tensor == null) {
                throw new EngineException(
                        Reason.TENSOR_MISSING, "The tensor \"" + name + "\" is missing; download the model again.");
            }
            return tensor;
        }

        /** The type that a tensor's numbers were published in, and its scales are stored in. */
        DType type(StoredTensor tensor) {
            return declared.orElse(tensor.dtype() == DType.F8_E4M3 ? DType.BF16 : tensor.dtype());
        }

        Rows rows(StoredTensor tensor) throws EngineException {
            int last = tensor.rank() - 1;
            if (last < 0) {
                throw unsupported(tensor);
            }
            List<Long> leading = new ArrayList<>();
            for (int i = 0; i < last; i++) {
                leading.add(tensor.axis(i));
            }
            return new Rows.Stacked(List.of(matrix(tensor)), leading);
        }

        Weight matrix(StoredTensor tensor) throws EngineException {
            int columns = Math.toIntExact(tensor.axis(tensor.rank() - 1));
            int rows = Math.toIntExact(tensor.count() / columns);
            String scales = tensor.name() + "_scale_inv";
            if (tensor.dtype() == DType.F8_E4M3 && tensors.containsKey(scales)) {
                Weight.Plane values = new Weight.Plane(tensor.bytes(), columns);
                Weight.Plane factors = new Weight.Plane(
                        present(tensors, scales).bytes(),
                        (long) Float.BYTES * Math.ceilDiv(columns, tiles.tileColumns()));
                return new Weight(tensor.name(), rows, columns, tiles, values, factors, Weight.Plane.NONE, 0);
            }
            return switch (tensor.dtype()) {
                case BF16, F16, F32 -> Weight.dense(tensor.name(), rows, columns, tensor.dtype(), tensor.bytes());
                case F64, F8_E4M3, F8_E5M2, F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                    throw unsupported(tensor);
            };
        }

        private static EngineException unsupported(StoredTensor tensor) {
            return new EngineException(
                    Reason.DTYPE_UNSUPPORTED,
                    tensor.file().getFileName() + ": the tensor " + tensor
                            + " can't be quantized; choose a checkpoint in BF16, F16, F32 or FP8.");
        }
    }
}
