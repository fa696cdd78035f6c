package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * What the tensors of a GGUF file are called in folders. Source: llama.cpp's {@code src/llama-arch.cpp} as of August 2026,
 * and the names that the engine's architectures ask for.
 */
final class GgufNames {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,5})\\.(.+)");
    private static final Pattern PART = Pattern.compile("([a-z_]+)\\.(weight|bias)");
    private static final Map<String, String> OUTSIDE = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output.weight", "lm_head.weight");
    /** Without an ending of their own in folders. */
    private static final Map<String, String> BARE = Map.of(
            "exp_probs_b.bias", "mlp.gate.e_score_correction_bias",
            "attn_sinks.weight", "self_attn.sinks");

    private static final Map<String, String> USUAL = Map.ofEntries(
            Map.entry("attn_norm", "input_layernorm"),
            Map.entry("attn_q", "self_attn.q_proj"),
            Map.entry("attn_k", "self_attn.k_proj"),
            Map.entry("attn_v", "self_attn.v_proj"),
            Map.entry("attn_output", "self_attn.o_proj"),
            Map.entry("attn_q_norm", "self_attn.q_norm"),
            Map.entry("attn_k_norm", "self_attn.k_norm"),
            Map.entry("ffn_norm", "post_attention_layernorm"),
            Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"),
            Map.entry("ffn_down", "mlp.down_proj"));
    private static final Map<String, String> LATENT = Map.ofEntries(
            Map.entry("attn_q_a", "self_attn.q_a_proj"),
            Map.entry("attn_q_a_norm", "self_attn.q_a_layernorm"),
            Map.entry("attn_q_b", "self_attn.q_b_proj"),
            Map.entry("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"),
            Map.entry("attn_kv_a_norm", "self_attn.kv_a_layernorm"),
            Map.entry("attn_kv_b", "self_attn.kv_b_proj"),
            Map.entry("attn_k_b", "self_attn.embed_q"),
            Map.entry("attn_v_b", "self_attn.unembed_out"),
            Map.entry("ffn_gate_shexp", "mlp.shared_experts.gate_proj"),
            Map.entry("ffn_up_shexp", "mlp.shared_experts.up_proj"),
            Map.entry("ffn_down_shexp", "mlp.shared_experts.down_proj"));

    private final String file;
    private final int layers;
    private final int blocks;
    private final Map<String, String> parts = new HashMap<>(USUAL);

    /**
     * Names for a model.
     *
     * @param config what {@link GgufConfig} made of the first part
     * @param blocks how many the file announces, those that predict further tokens among them
     */
    GgufNames(String file, ObjectNode config, int blocks) {
        this.file = file;
        this.blocks = blocks;
        layers = config.path("num_hidden_layers").asInt();
        switch (config.path("model_type").asText()) {
            case "mixtral" -> experts("block_sparse_moe.gate", "block_sparse_moe.switch_mlp.");
            case "gpt_oss" -> {
                experts("mlp.router", "mlp.experts.");
                // Before the experts, for all its name says.
                parts.put("post_attention_norm", "post_attention_layernorm");
            }
            case "deepseek_v3" -> {
                experts("mlp.gate", "mlp.switch_mlp.");
                parts.putAll(LATENT);
            }
            default -> experts("mlp.gate", "mlp.switch_mlp.");
        }
    }

    private void experts(String router, String at) {
        parts.put("ffn_gate_inp", router);
        parts.put("ffn_gate_exps", at + "gate_proj");
        parts.put("ffn_up_exps", at + "up_proj");
        parts.put("ffn_down_exps", at + "down_proj");
    }

    /**
     * The name in a folder.
     *
     * @return empty for what a folder says in its configuration, and for layers that predict further tokens
     * @throws EngineException when no model has such a tensor
     */
    Optional<String> of(GgufTensor tensor) throws EngineException {
        String name = tensor.name();
        if (name.equals("rope_freqs.weight")) {
            return Optional.empty();
        }
        if (OUTSIDE.get(name) instanceof String outside) {
            return Optional.of(outside);
        }
        Matcher layer = LAYER.matcher(name);
        int index = layer.matches() ? Integer.parseInt(layer.group(1)) : Integer.MAX_VALUE;
        if (index >= layers && index < blocks) {
            return Optional.empty();
        }
        if (index < layers) {
            String at = "model.layers." + index + ".";
            if (BARE.get(layer.group(2)) instanceof String bare) {
                return Optional.of(at + bare);
            }
            Matcher part = PART.matcher(layer.group(2));
            if (part.matches() && parts.get(part.group(1)) instanceof String module) {
                return Optional.of(at + module + "." + part.group(2));
            }
        }
        throw new EngineException(
                Reason.TENSOR_UNUSED,
                file + ": the tensor " + GgufCursor.shown(name)
                        + " belongs to no model that Atelier knows; look for a version in safetensors.");
    }
}
