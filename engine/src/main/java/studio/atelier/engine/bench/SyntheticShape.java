package studio.atelier.engine.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import studio.atelier.engine.weights.ModelConfig;

/** Shapes of models with random weights, for comparing engines without a download. */
public enum SyntheticShape {
    /** 24 layers of 32 experts, 4 chosen; 2.0 billion weights, 0.39 active. */
    QWEN3MOE_2B,
    /** 22 layers with latent attention, 32 experts in 4 groups, one shared; 1.9 billion weights, 0.45 active. */
    DEEPSEEK_V3_2B,
    /** 8 layers of the size of a dense model of 8 billion weights. */
    DENSE_8L;

    private static final int MOST_POSITIONS = 40_960;

    /** As a person types it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The shape of this name. */
    public static Optional<SyntheticShape> named(String name) {
        for (SyntheticShape shape : values()) {
            if (shape.label().equals(name.toLowerCase(Locale.ROOT))) {
                return Optional.of(shape);
            }
        }
        return Optional.empty();
    }

    /** Whether models of this kind can carry a layer that guesses. */
    public boolean canDraft() {
        return this == DEEPSEEK_V3_2B;
    }

    /** Its {@code config.json}. */
    public ModelConfig config() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("max_position_embeddings", MOST_POSITIONS).put("tie_word_embeddings", false);
        switch (this) {
            case QWEN3MOE_2B ->
                json.put("model_type", "qwen3_moe")
                        .put("vocab_size", 32_768)
                        .put("hidden_size", 1024)
                        .put("num_hidden_layers", 24)
                        .put("intermediate_size", 3072)
                        .put("num_attention_heads", 16)
                        .put("num_key_value_heads", 4)
                        .put("head_dim", 128)
                        .put("num_experts", 32)
                        .put("num_experts_per_tok", 4)
                        .put("norm_topk_prob", true)
                        .put("moe_intermediate_size", 768);
            case DEEPSEEK_V3_2B ->
                json.put("model_type", "deepseek_v3")
                        .put("vocab_size", 32_768)
                        .put("hidden_size", 1024)
                        .put("num_hidden_layers", 22)
                        .put("first_k_dense_replace", 1)
                        .put("intermediate_size", 4096)
                        .put("num_attention_heads", 16)
                        .put("q_lora_rank", 512)
                        .put("kv_lora_rank", 512)
                        .put("qk_nope_head_dim", 128)
                        .put("qk_rope_head_dim", 64)
                        .put("v_head_dim", 128)
                        .put("n_routed_experts", 32)
                        .put("num_experts_per_tok", 4)
                        .put("n_group", 4)
                        .put("topk_group", 2)
                        .put("n_shared_experts", 1)
                        .put("routed_scaling_factor", 2.5)
                        .put("moe_intermediate_size", 768);
            case DENSE_8L ->
                json.put("model_type", "llama")
                        .put("vocab_size", 8192)
                        .put("hidden_size", 4096)
                        .put("num_hidden_layers", 8)
                        .put("num_attention_heads", 32)
                        .put("num_key_value_heads", 8)
                        .put("intermediate_size", 14_336);
        }
        return ModelConfig.of(label(), json);
    }
}
