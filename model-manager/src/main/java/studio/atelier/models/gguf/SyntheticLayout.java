package studio.atelier.models.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.models.gguf.GgufWriter.Announced;

/**
 * Metadata and tensors of a GGUF file for a {@code config.json}, by the names and shapes that llama.cpp asks for: matrices
 * are Q4_0, norms and routers F32. Source: its {@code src/models} and {@code src/llama-vocab.cpp} as of August 2026.
 */
final class SyntheticLayout {
    private static final int MOSTLY_Q4_0 = 2;
    private static final int QUANTIZATION_VERSION = 2;
    private static final int SIGMOID = 2;
    private static final int LETTERS = 256;
    private static final int NORMAL_TOKEN = 1;
    private static final int CONTROL_TOKEN = 3;
    private static final int UNUSED_TOKEN = 5;

    private final ModelConfig config;
    private final String architecture;
    private final Map<String, GgufValue> metadata = new LinkedHashMap<>();
    private final List<Announced> tensors = new ArrayList<>();
    private final int hidden;
    private final int heads;

    private SyntheticLayout(ModelConfig config, String architecture) throws EngineException {
        this.config = config;
        this.architecture = architecture;
        hidden = whole("hidden_size");
        heads = whole("num_attention_heads");
    }

    /**
     * Lays out a model.
     *
     * @param name what the file says that it is
     * @throws EngineException when the configuration lacks something
     */
    static SyntheticLayout of(String name, ModelConfig config) throws EngineException {
        String architecture =
                switch (config.modelType()) {
                    case "qwen3_moe" -> "qwen3moe";
                    case "deepseek_v3" -> "deepseek2";
                    case "llama" -> "llama";
                    default ->
                        throw new IllegalArgumentException(
                                "model_type: expected qwen3_moe, deepseek_v3 or llama, got " + config.modelType());
                };
        SyntheticLayout layout = new SyntheticLayout(config, architecture);
        layout.general(name);
        layout.outside();
        for (int layer = 0; layer < layout.whole("num_hidden_layers"); layer++) {
            layout.block(layer);
        }
        return layout;
    }

    /** In the file's order. */
    Map<String, GgufValue> metadata() {
        return metadata;
    }

    /** In the file's order. */
    List<Announced> tensors() {
        return tensors;
    }

    private int whole(String key) throws EngineException {
        return config.integer(key, 1, Integer.MAX_VALUE);
    }

    private int whole(String key, int fallback) throws EngineException {
        return config.has(key) ? whole(key) : fallback;
    }

    private void put(String key, long value) {
        metadata.put(architecture + "." + key, new GgufValue.Whole(value));
    }

    private void put(String key, double value) {
        metadata.put(architecture + "." + key, new GgufValue.Real(value));
    }

    private void general(String name) throws EngineException {
        metadata.put("general.architecture", new GgufValue.Text(architecture));
        metadata.put("general.name", new GgufValue.Text(name));
        metadata.put("general.file_type", new GgufValue.Whole(MOSTLY_Q4_0));
        metadata.put("general.quantization_version", new GgufValue.Whole(QUANTIZATION_VERSION));
        put("vocab_size", whole("vocab_size"));
        put("context_length", whole("max_position_embeddings"));
        put("embedding_length", hidden);
        put("block_count", whole("num_hidden_layers"));
        put("feed_forward_length", whole("intermediate_size"));
        put("attention.head_count", heads);
        put("attention.layer_norm_rms_epsilon", config.number("rms_norm_eps", 1e-6));
        put("rope.freq_base", config.number("rope_theta", 10_000));
        switch (architecture) {
            case "deepseek2" -> latent();
            case "qwen3moe" -> {
                grouped();
                experts(whole("num_experts"));
            }
            default -> grouped();
        }
        tokenizer(whole("vocab_size"));
    }

    private int headSize() throws EngineException {
        return whole("head_dim", hidden / heads);
    }

    private void grouped() throws EngineException {
        put("attention.head_count_kv", whole("num_key_value_heads", heads));
        put("attention.key_length", headSize());
        put("attention.value_length", headSize());
        put("rope.dimension_count", headSize());
    }

    private void experts(int count) throws EngineException {
        put("expert_count", count);
        put("expert_used_count", whole("num_experts_per_tok"));
        put("expert_feed_forward_length", whole("moe_intermediate_size"));
    }

    /** Latents are cached once for all heads: to llama.cpp that is one key head of the rank and the rotated part. */
    private void latent() throws EngineException {
        int rank = whole("kv_lora_rank");
        int rotated = whole("qk_rope_head_dim");
        put("attention.head_count_kv", 1);
        put("attention.q_lora_rank", whole("q_lora_rank"));
        put("attention.kv_lora_rank", rank);
        put("attention.key_length", rank + rotated);
        put("attention.value_length", rank);
        put("attention.key_length_mla", whole("qk_nope_head_dim") + rotated);
        put("attention.value_length_mla", whole("v_head_dim"));
        put("rope.dimension_count", rotated);
        put("leading_dense_block_count", whole("first_k_dense_replace"));
        experts(whole("n_routed_experts"));
        put("expert_shared_count", whole("n_shared_experts"));
        put("expert_group_count", whole("n_group"));
        put("expert_group_used_count", whole("topk_group"));
        put("expert_weights_scale", config.number("routed_scaling_factor", 1));
        metadata.put(architecture + ".expert_weights_norm", new GgufValue.Flag(config.flag("norm_topk_prob", true)));
        put("expert_gating_func", SIGMOID);
    }

    /** The letters of all bytes, one pair, and tokens that stand for nothing. */
    private void tokenizer(int count) {
        if (count < LETTERS + 2) {
            throw new IllegalArgumentException("vocab_size: expected " + (LETTERS + 2) + " or more, got " + count);
        }
        List<GgufValue> tokens = new ArrayList<>();
        List<GgufValue> kinds = new ArrayList<>();
        int unprintable = LETTERS;
        for (int id = 0; id < count; id++) {
            boolean own = id > ' ' && id < 127 || id > 160 && id != 173;
            String token = id < LETTERS
                    ? Character.toString(own ? id : unprintable++)
                    : id == LETTERS ? "ab" : id == count - 1 ? "<end>" : "<unused" + id + ">";
            tokens.add(new GgufValue.Text(token));
            kinds.add(
                    new GgufValue.Whole(id <= LETTERS ? NORMAL_TOKEN : id == count - 1 ? CONTROL_TOKEN : UNUSED_TOKEN));
        }
        metadata.put("tokenizer.ggml.model", new GgufValue.Text("gpt2"));
        metadata.put("tokenizer.ggml.pre", new GgufValue.Text("gpt-2"));
        metadata.put("tokenizer.ggml.tokens", new GgufValue.Many(tokens));
        metadata.put("tokenizer.ggml.token_type", new GgufValue.Many(kinds));
        metadata.put("tokenizer.ggml.merges", new GgufValue.Many(List.of(new GgufValue.Text("a b"))));
        metadata.put("tokenizer.ggml.bos_token_id", new GgufValue.Whole(count - 1));
        metadata.put("tokenizer.ggml.eos_token_id", new GgufValue.Whole(count - 1));
        metadata.put("tokenizer.ggml.add_bos_token", new GgufValue.Flag(false));
    }

    private void matrix(String name, Integer... shape) {
        tensors.add(new Announced(name + ".weight", GgufType.Q4_0, List.of(shape)));
    }

    private void floats(String name, Integer... shape) {
        tensors.add(new Announced(name + ".weight", GgufType.F32, List.of(shape)));
    }

    private void outside() throws EngineException {
        matrix("token_embd", whole("vocab_size"), hidden);
        floats("output_norm", hidden);
        matrix("output", whole("vocab_size"), hidden);
    }

    private void block(int layer) throws EngineException {
        String at = "blk." + layer + ".";
        floats(at + "attn_norm", hidden);
        floats(at + "ffn_norm", hidden);
        switch (architecture) {
            case "deepseek2" -> {
                latentAttention(at);
                if (layer < whole("first_k_dense_replace")) {
                    feedForward(at, "", whole("intermediate_size"));
                } else {
                    experts(at, whole("n_routed_experts"));
                    feedForward(at, "_shexp", whole("moe_intermediate_size") * whole("n_shared_experts"));
                }
            }
            case "qwen3moe" -> {
                groupedAttention(at);
                floats(at + "attn_q_norm", headSize());
                floats(at + "attn_k_norm", headSize());
                experts(at, whole("num_experts"));
            }
            default -> {
                groupedAttention(at);
                feedForward(at, "", whole("intermediate_size"));
            }
        }
    }

    private void groupedAttention(String at) throws EngineException {
        int keys = whole("num_key_value_heads", heads) * headSize();
        matrix(at + "attn_q", heads * headSize(), hidden);
        matrix(at + "attn_k", keys, hidden);
        matrix(at + "attn_v", keys, hidden);
        matrix(at + "attn_output", hidden, heads * headSize());
    }

    private void latentAttention(String at) throws EngineException {
        int queryRank = whole("q_lora_rank");
        int rank = whole("kv_lora_rank");
        int plain = whole("qk_nope_head_dim");
        int rotated = whole("qk_rope_head_dim");
        int value = whole("v_head_dim");
        matrix(at + "attn_q_a", queryRank, hidden);
        floats(at + "attn_q_a_norm", queryRank);
        matrix(at + "attn_q_b", heads * (plain + rotated), queryRank);
        matrix(at + "attn_kv_a_mqa", rank + rotated, hidden);
        floats(at + "attn_kv_a_norm", rank);
        matrix(at + "attn_k_b", heads, rank, plain);
        matrix(at + "attn_v_b", heads, value, rank);
        matrix(at + "attn_output", hidden, heads * value);
    }

    private void feedForward(String at, String suffix, int inner) {
        matrix(at + "ffn_gate" + suffix, inner, hidden);
        matrix(at + "ffn_up" + suffix, inner, hidden);
        matrix(at + "ffn_down" + suffix, hidden, inner);
    }

    private void experts(String at, int count) throws EngineException {
        int inner = whole("moe_intermediate_size");
        floats(at + "ffn_gate_inp", count, hidden);
        matrix(at + "ffn_gate_exps", count, inner, hidden);
        matrix(at + "ffn_up_exps", count, inner, hidden);
        matrix(at + "ffn_down_exps", count, hidden, inner);
    }
}
