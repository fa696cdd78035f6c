package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/** A GGUF file's metadata as {@code config.json} says the same. */
final class GgufConfig {
    private static final double LLAMA3_ORIGINAL = 8192;
    private static final double YARN_LOGARITHM = 0.1;
    private static final int SOFTMAX = 1;
    private static final int SIGMOID = 2;
    private static final String KNOWN = "llama, qwen2, qwen3, qwen3moe, gpt-oss and deepseek2";

    private final GgufMetadata metadata;
    private final String architecture;

    private GgufConfig(GgufMetadata metadata, String architecture) {
        this.metadata = metadata;
        this.architecture = architecture;
    }

    /** Without what the other parts of a file decide: quantization, and whether there is a head of its own. */
    static ObjectNode of(GgufFile file) throws EngineException {
        GgufMetadata metadata = new GgufMetadata(file.file().toString(), file.metadata());
        return new GgufConfig(metadata, metadata.architecture()).read(file);
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private ObjectNode read(GgufFile file) throws EngineException {
        String type = type();
        GgufTensor embedding = file.tensors().get("token_embd.weight");
        if (embedding == null) {
            throw new EngineException(
                    Reason.TENSOR_MISSING,
                    metadata.file() + ": the tensor token_embd.weight is missing; download the model again.");
        }
        long heads = metadata.whole(key("attention.head_count"));
        long hidden = metadata.whole(key("embedding_length"));
        ObjectNode config = JsonNodeFactory.instance.objectNode().put("model_type", type);
        config.put("vocab_size", embedding.rows())
                .put("hidden_size", hidden)
                .put("num_hidden_layers", metadata.whole(key("block_count")))
                .put("intermediate_size", metadata.whole(key("feed_forward_length")))
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", metadata.whole(key("attention.head_count_kv"), heads))
                .put("head_dim", metadata.whole(key("attention.key_length"), heads == 0 ? 0 : hidden / heads))
                .put("rms_norm_eps", metadata.real(key("attention.layer_norm_rms_epsilon"), 1e-6))
                .put("rope_theta", metadata.real(key("rope.freq_base"), 10_000))
                .put("max_position_embeddings", metadata.whole(key("context_length"), 4096));
        switch (type) {
            case "qwen3_moe" ->
                config.put("num_experts", metadata.whole(key("expert_count")))
                        .put("num_experts_per_tok", metadata.whole(key("expert_used_count")))
                        .put("moe_intermediate_size", metadata.whole(key("expert_feed_forward_length")))
                        .put("norm_topk_prob", metadata.flag(key("expert_weights_norm"), true));
            case "mixtral" ->
                config.put("num_local_experts", metadata.whole(key("expert_count")))
                        .put("num_experts_per_tok", metadata.whole(key("expert_used_count")));
            case "gpt_oss" ->
                config.put("num_local_experts", metadata.whole(key("expert_count")))
                        .put("num_experts_per_tok", metadata.whole(key("expert_used_count")))
                        .put("intermediate_size", metadata.whole(key("expert_feed_forward_length")))
                        .put("sliding_window", metadata.whole(key("attention.sliding_window")))
                        .put("attention_bias", true);
            case "deepseek_v3" -> addLatent(config);
            default -> {}
        }
        addScaling(config, file);
        if (metadata.has("tokenizer.ggml.eos_token_id")) {
            config.put("eos_token_id", metadata.whole("tokenizer.ggml.eos_token_id"));
        }
        return config;
    }

    /** Whether queries and keys lie in pairs in the file, where folders have halves of a head. */
    static boolean isTurned(GgufFile file) {
        return file.metadata().get("general.architecture") instanceof GgufValue.Text(String architecture)
                && architecture.equals("llama");
    }

    /** How many blocks the file announces, those that predict further tokens among them. */
    static int blocks(GgufFile file) throws EngineException {
        GgufMetadata metadata = new GgufMetadata(file.file().toString(), file.metadata());
        return (int) metadata.whole(metadata.architecture() + ".block_count");
    }

    private String type() throws EngineException {
        return switch (architecture) {
            case "llama" -> metadata.whole(key("expert_count"), 0) > 0 ? "mixtral" : "llama";
            // Llama's layers, with biases where the file has them.
            case "qwen2" -> "llama";
            case "qwen3" -> "qwen3";
            case "qwen3moe" -> "qwen3_moe";
            case "gpt-oss" -> "gpt_oss";
            case "deepseek2" -> {
                if (metadata.whole(key("expert_gating_func"), SOFTMAX) != SIGMOID) {
                    throw new EngineException(
                            Reason.ARCHITECTURE_UNKNOWN,
                            metadata.file()
                                    + ": GGUF files of DeepSeek V2 can't be opened yet, only of V3; look for a version in safetensors.");
                }
                yield "deepseek_v3";
            }
            default ->
                throw new EngineException(
                        Reason.ARCHITECTURE_UNKNOWN,
                        metadata.file() + ": GGUF files of the architecture " + GgufCursor.shown(architecture)
                                + " can't be opened yet, only " + KNOWN + "; look for a version in safetensors.");
        };
    }

    /** Sizes of a head are of the expanded keys and values; what is cached has a key of its own for them. */
    private void addLatent(ObjectNode config) throws EngineException {
        long rotated = metadata.whole(key("rope.dimension_count"));
        long keySize = metadata.whole(key("attention.key_length_mla"), metadata.whole(key("attention.key_length")));
        if (keySize <= rotated) {
            throw metadata.refused(
                    key("attention.key_length_mla"), "more than the " + rotated + " rotated numbers, got " + keySize);
        }
        long valueSize =
                metadata.whole(key("attention.value_length_mla"), metadata.whole(key("attention.value_length")));
        long layers = metadata.whole(key("block_count")) - metadata.whole(key("nextn_predict_layers"), 0);
        config.remove("head_dim");
        config.put("num_hidden_layers", layers)
                .put("num_key_value_heads", config.path("num_attention_heads").asLong())
                .put("kv_lora_rank", metadata.whole(key("attention.kv_lora_rank")))
                .put("qk_rope_head_dim", rotated)
                .put("qk_nope_head_dim", keySize - rotated)
                .put("v_head_dim", valueSize)
                .put("first_k_dense_replace", metadata.whole(key("leading_dense_block_count"), 0))
                .put("moe_layer_freq", 1)
                .put("moe_intermediate_size", metadata.whole(key("expert_feed_forward_length")))
                .put("n_routed_experts", metadata.whole(key("expert_count")))
                .put("n_shared_experts", metadata.whole(key("expert_shared_count"), 0))
                .put("num_experts_per_tok", metadata.whole(key("expert_used_count")))
                .put("n_group", metadata.whole(key("expert_group_count"), 1))
                .put("topk_group", metadata.whole(key("expert_group_used_count"), 1))
                .put("norm_topk_prob", metadata.flag(key("expert_weights_norm"), false))
                .put("routed_scaling_factor", metadata.real(key("expert_weights_scale"), 1));
        if (metadata.has(key("attention.q_lora_rank"))) {
            config.put("q_lora_rank", metadata.whole(key("attention.q_lora_rank")));
        }
    }

    private void addScaling(ObjectNode config, GgufFile file) throws EngineException {
        String type = metadata.optionalText(key("rope.scaling.type")).orElse("none");
        double factor = metadata.real(key("rope.scaling.factor"), 1);
        GgufTensor frequencies = file.tensors().get("rope_freqs.weight");
        if (frequencies != null) {
            addFrequencies(config, frequencies);
        } else if (type.equals("yarn") || type.equals("linear")) {
            ObjectNode scaling =
                    config.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
            String original = key("rope.scaling.original_context_length");
            if (metadata.has(original)) {
                scaling.put("original_max_position_embeddings", metadata.whole(original));
            }
            if (type.equals("yarn")) {
                scaling.put("beta_fast", metadata.real(key("rope.scaling.yarn_beta_fast"), 32))
                        .put("beta_slow", metadata.real(key("rope.scaling.yarn_beta_slow"), 1))
                        // As released; the file has no word for it.
                        .put("truncate", !architecture.equals("gpt-oss"));
            }
            if (metadata.has(key("rope.scaling.yarn_log_multiplier"))) {
                double share = metadata.real(key("rope.scaling.yarn_log_multiplier"), 0) / YARN_LOGARITHM;
                scaling.put("mscale", share).put("mscale_all_dim", share);
            }
        } else if (!type.equals("none")) {
            throw metadata.refused(key("rope.scaling.type"), "none, linear or yarn");
        }
    }

    /** Llama 3 files hold the divisors themselves; they must be those that its published rule gives. */
    private void addFrequencies(ObjectNode config, GgufTensor frequencies) throws EngineException {
        float[] divisors = new float[frequencies.columns()];
        frequencies.read(0, divisors, 0);
        double factor = divisors[divisors.length - 1];
        double theta = config.path("rope_theta").asDouble();
        for (int i = 0; i < divisors.length; i++) {
            double wavelength = 2 * Math.PI * Math.pow(theta, (double) i / divisors.length);
            double smooth = Math.clamp((LLAMA3_ORIGINAL / wavelength - 1) / 3, 0.0, 1.0);
            double expected = 1 / ((1 - smooth) / factor + smooth);
            if (!(Math.abs(divisors[i] - expected) <= 1e-2 * expected)) {
                throw metadata.refused("rope_freqs.weight", "the divisors of Llama 3, got " + divisors[i] + " at " + i);
            }
        }
        config.putObject("rope_scaling")
                .put("rope_type", "llama3")
                .put("factor", factor)
                .put("low_freq_factor", 1.0)
                .put("high_freq_factor", 4.0)
                .put("original_max_position_embeddings", (long) LLAMA3_ORIGINAL);
    }
}
