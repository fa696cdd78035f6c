package studio.atelier.models.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.StoredTensor;

/**
 * What mlx-lm 0.32 demands of a folder when it loads it, retold from its source: {@code utils.load_model} makes the
 * model's class from {@code config.json}, lets its {@code sanitize} drop and rename tensors, turns every module whose
 * {@code .scales} are there into a packed one by the quantization block and its exceptions, and then loads strictly: no
 * tensor may be missing, none may be left, and shapes must be equal. The program itself is not run.
 */
final class MlxLoading {
    /** A parameter of the model's class before anything is packed. */
    private record Parameter(List<Long> shape, boolean packable) {}

    private final JsonNode config;
    private final String type;
    private final long hidden;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();

    private MlxLoading(JsonNode config) {
        this.config = config;
        this.type = config.path("model_type").asText();
        this.hidden = number("hidden_size");
    }

    /** Everything that would keep mlx-lm from loading a folder, in sentences; empty when it would load. */
    static List<String> faults(Path folder) throws Exception {
        JsonNode config =
                new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        var loading = new MlxLoading(config);
        loading.declare();
        List<Safetensors> files = new ArrayList<>();
        Map<String, StoredTensor> tensors = new TreeMap<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "model*.safetensors")) {
            for (Path file : found) {
                files.add(Safetensors.open(file));
                tensors.putAll(files.getLast().tensors());
            }
            loading.compare(tensors);
        } finally {
            files.forEach(Safetensors::close);
        }
        return loading.faults;
    }

    private long number(String name) {
        if (!config.path(name).isIntegralNumber()) {
            throw new IllegalArgumentException("config.json has no " + name);
        }
        return config.path(name).asLong();
    }

    private void packable(String module, long... shape) {
        parameters.put(
                module + ".weight", new Parameter(Arrays.stream(shape).boxed().toList(), true));
    }

    private void plain(String name, long... shape) {
        parameters.put(name, new Parameter(Arrays.stream(shape).boxed().toList(), false));
    }

    private void linear(String module, long outputs, long inputs, boolean bias) {
        packable(module, outputs, inputs);
        if (bias) {
            plain(module + ".bias", outputs);
        }
    }

    private void declare() {
        packable("model.embed_tokens", number("vocab_size"), hidden);
        plain("model.norm.weight", hidden);
        if (!config.path("tie_word_embeddings").asBoolean(type.equals("llama"))) {
            packable("lm_head", number("vocab_size"), hidden);
        }
        for (int layer = 0; layer < number("num_hidden_layers"); layer++) {
            String at = "model.layers." + layer + ".";
            plain(at + "input_layernorm.weight", hidden);
            plain(at + "post_attention_layernorm.weight", hidden);
            switch (type) {
                case "deepseek_v2", "deepseek_v3" -> latent(at + "self_attn.");
                default -> attention(at + "self_attn.");
            }
            feedForward(at, layer);
        }
    }

    private void attention(String at) {
        long heads = number("num_attention_heads");
        long size = type.equals("mixtral")
                ? hidden / heads
                : config.path("head_dim").asLong(hidden / heads);
        long keys = config.path("num_key_value_heads").asLong(heads) * size;
        boolean bias = config.path("attention_bias").asBoolean(type.equals("gpt_oss"));
        linear(at + "q_proj", heads * size, hidden, bias);
        linear(at + "k_proj", keys, hidden, bias);
        linear(at + "v_proj", keys, hidden, bias);
        linear(at + "o_proj", hidden, heads * size, bias);
        if (type.startsWith("qwen3")) {
            plain(at + "q_norm.weight", size);
            plain(at + "k_norm.weight", size);
        }
        if (type.equals("gpt_oss")) {
            plain(at + "sinks", heads);
        }
    }

    private void latent(String at) {
        long heads = number("num_attention_heads");
        long nope = number("qk_nope_head_dim");
        long rope = number("qk_rope_head_dim");
        long value = number("v_head_dim");
        long rank = number("kv_lora_rank");
        if (config.path("q_lora_rank").isNull()) {
            linear(at + "q_proj", heads * (nope + rope), hidden, false);
        } else {
            long queryRank = number("q_lora_rank");
            linear(at + "q_a_proj", queryRank, hidden, false);
            plain(at + "q_a_layernorm.weight", queryRank);
            linear(at + "q_b_proj", heads * (nope + rope), queryRank, false);
        }
        linear(at + "kv_a_proj_with_mqa", rank + rope, hidden, false);
        plain(at + "kv_a_layernorm.weight", rank);
        if (type.equals("deepseek_v3")) {
            packable(at + "embed_q", heads, rank, nope);
            packable(at + "unembed_out", heads, value, rank);
        } else {
            linear(at + "kv_b_proj", heads * (nope + value), rank, false);
        }
        linear(at + "o_proj", hidden, heads * value, false);
    }

    private void feedForward(String at, int layer) {
        switch (type) {
            case "llama", "qwen3" -> gated(at + "mlp.", number("intermediate_size"));
            case "qwen3_moe" -> {
                boolean dense = false;
                for (JsonNode only : config.path("mlp_only_layers")) {
                    dense |= only.asInt() == layer;
                }
                if (dense || (layer + 1) % number("decoder_sparse_step") != 0) {
                    gated(at + "mlp.", number("intermediate_size"));
                } else {
                    linear(at + "mlp.gate", number("num_experts"), hidden, false);
                    experts(at + "mlp.switch_mlp.", number("num_experts"), number("moe_intermediate_size"), false);
                }
            }
            case "mixtral" -> {
                long experts = number("num_local_experts");
                linear(at + "block_sparse_moe.gate", experts, hidden, false);
                experts(at + "block_sparse_moe.switch_mlp.", experts, number("intermediate_size"), false);
            }
            case "gpt_oss" -> {
                long experts = number("num_local_experts");
                linear(at + "mlp.router", experts, hidden, true);
                experts(at + "mlp.experts.", experts, number("intermediate_size"), true);
            }
            case "deepseek_v2", "deepseek_v3" -> {
                if (layer < number("first_k_dense_replace") || layer % number("moe_layer_freq") != 0) {
                    gated(at + "mlp.", number("intermediate_size"));
                    return;
                }
                long experts = number("n_routed_experts");
                long inner = number("moe_intermediate_size");
                // A bare array of the gate's class, which has no packed form.
                plain(at + "mlp.gate.weight", experts, hidden);
                if (type.equals("deepseek_v3")) {
                    plain(at + "mlp.gate.e_score_correction_bias", experts);
                }
                experts(at + "mlp.switch_mlp.", experts, inner, false);
                gated(at + "mlp.shared_experts.", inner * number("n_shared_experts"));
            }
            default -> throw new IllegalArgumentException("no rules for " + type);
        }
    }

    private void gated(String at, long inner) {
        linear(at + "gate_proj", inner, hidden, false);
        linear(at + "up_proj", inner, hidden, false);
        linear(at + "down_proj", hidden, inner, false);
    }

    private void experts(String at, long experts, long inner, boolean bias) {
        for (String part : List.of("gate_proj", "up_proj", "down_proj")) {
            long outputs = part.equals("down_proj") ? hidden : inner;
            packable(at + part, experts, outputs, part.equals("down_proj") ? inner : hidden);
            if (bias) {
                plain(at + part + ".bias", experts, outputs);
            }
        }
    }

    private void compare(Map<String, StoredTensor> stored) {
        Map<String, StoredTensor> tensors = new TreeMap<>(stored);
        if (type.equals("deepseek_v3")) {
            // By this very number, whatever the configuration says.
            tensors.keySet().removeIf(name -> name.startsWith("model.layers.61"));
        }
        Set<String> left = new HashSet<>(tensors.keySet());
        parameters.forEach((name, parameter) -> {
            String module = name.replaceFirst("\\.weight$", "");
            JsonNode own = config.path("quantization").path(module);
            boolean packed = parameter.packable()
                    && (own.isMissingNode() ? tensors.containsKey(module + ".scales") : !own.isBoolean());
            if (packed) {
                packed(
                        module,
                        parameter.shape(),
                        own.isMissingNode() ? config.path("quantization") : own,
                        tensors,
                        left);
            } else {
                expect(name, parameter.shape(), null, tensors, left);
            }
        });
        left.stream().sorted().forEach(name -> faults.add("nothing asks for " + name));
    }

    private void packed(
            String module, List<Long> shape, JsonNode how, Map<String, StoredTensor> tensors, Set<String> left) {
        long bits = how.path("bits").asLong();
        long group = how.path("group_size").asLong();
        // An exception without a mode is affine, whatever the rest is.
        boolean affine = how.path("mode").asText("affine").equals("affine");
        long columns = shape.getLast();
        if (group == 0 || columns % group != 0) {
            faults.add(module + " of " + shape + " can't have groups of " + group);
            return;
        }
        expect(module + ".weight", with(shape, columns * bits / 32), DType.U32, tensors, left);
        @Nullable DType scales = affine ? declared() : DType.U8;
        expect(module + ".scales", with(shape, columns / group), scales, tensors, left);
        if (affine) {
            expect(module + ".biases", with(shape, columns / group), scales, tensors, left);
        }
    }

    /** Null where the configuration names none: numbers are loaded as they lie then. */
    private @Nullable DType declared() {
        return switch (config.path("torch_dtype").asText()) {
            case "bfloat16" -> DType.BF16;
            case "float16" -> DType.F16;
            case "float32" -> DType.F32;
            default -> null;
        };
    }

    private static List<Long> with(List<Long> shape, long last) {
        List<Long> changed = new ArrayList<>(shape);
        changed.set(shape.size() - 1, last);
        return changed;
    }

    private void expect(
            String name, List<Long> shape, @Nullable DType dtype, Map<String, StoredTensor> tensors, Set<String> left) {
        StoredTensor tensor = tensors.get(name);
        left.remove(name);
        if (tensor == null) {
            faults.add(name + " is missing");
            return;
        }
        List<Long> found = Arrays.stream(tensor.shape()).boxed().toList();
        boolean isFloat = tensor.dtype() == DType.BF16 || tensor.dtype() == DType.F16 || tensor.dtype() == DType.F32;
        if (!found.equals(shape)) {
            faults.add(name + " is " + found + ", and " + shape + " is wanted");
        }
        if (dtype == null ? !isFloat : tensor.dtype() != dtype) {
            faults.add(name + " is " + tensor.dtype() + ", and " + (dtype == null ? "a float" : dtype) + " is wanted");
        }
    }
}
