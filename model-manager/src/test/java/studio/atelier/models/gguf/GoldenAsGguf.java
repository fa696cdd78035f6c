package studio.atelier.models.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;

/**
 * A published checkpoint as a GGUF file, laid out as llama.cpp's converter does: numbers as F32, gpt-oss's experts as
 * MXFP4.
 */
final class GoldenAsGguf implements AutoCloseable {
    private final JsonNode config;
    private final ModelFiles files;
    private final String architecture;
    private final GgufBytes bytes = new GgufBytes();

    private GoldenAsGguf(Path folder, String architecture) throws Exception {
        this.config = new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        this.files = ModelFiles.open(folder);
        this.architecture = architecture;
    }

    static byte[] of(Path folder, String architecture) throws Exception {
        try (GoldenAsGguf golden = new GoldenAsGguf(folder, architecture)) {
            golden.metadata();
            golden.put("token_embd.weight", "model.embed_tokens.weight");
            golden.put("output_norm.weight", "model.norm.weight");
            golden.put("output.weight", "lm_head.weight");
            for (int layer = 0; layer < golden.whole("num_hidden_layers"); layer++) {
                golden.layer(layer);
            }
            if (golden.config.path("num_nextn_predict_layers").asInt() > 0) {
                golden.prediction();
            }
            return golden.bytes.build();
        }
    }

    @Override
    public void close() {
        files.close();
    }

    private int whole(String key) {
        return config.path(key).asInt();
    }

    private void say(String key, String from) {
        if (config.hasNonNull(from)) {
            JsonNode value = config.path(from);
            say(key, value.isIntegralNumber() ? (Object) value.asInt() : (Object) (float) value.asDouble());
        }
    }

    private void say(String key, Object value) {
        bytes.with(architecture + "." + key, value);
    }

    private void metadata() {
        bytes.with("general.architecture", architecture);
        say(
                "block_count",
                whole("num_hidden_layers")
                        + config.path("num_nextn_predict_layers").asInt());
        say("context_length", "max_position_embeddings");
        say("embedding_length", "hidden_size");
        say("feed_forward_length", "intermediate_size");
        say("attention.head_count", "num_attention_heads");
        say("attention.layer_norm_rms_epsilon", "rms_norm_eps");
        bytes.with(architecture + ".rope.freq_base", (float)
                config.path("rope_theta").asDouble());
        say("expert_count", config.has("num_local_experts") ? "num_local_experts" : "n_routed_experts");
        say("expert_used_count", "num_experts_per_tok");
        JsonNode scaling = config.path("rope_scaling");
        if (scaling.isObject()) {
            bytes.with(architecture + ".rope.scaling.type", "yarn");
            say("rope.scaling.factor", (float) scaling.path("factor").asDouble());
            say(
                    "rope.scaling.original_context_length",
                    scaling.path("original_max_position_embeddings").asInt());
            if (scaling.has("mscale_all_dim")) {
                say(
                        "rope.scaling.yarn_log_multiplier",
                        0.1f * (float) scaling.path("mscale_all_dim").asDouble());
            }
        }
        if (architecture.equals("deepseek2")) {
            latent();
        } else {
            say("attention.head_count_kv", "num_key_value_heads");
            say("attention.key_length", "head_dim");
            say("expert_feed_forward_length", "intermediate_size");
            say("attention.sliding_window", "sliding_window");
        }
        tokenizer();
    }

    private void latent() {
        int rotated = whole("qk_rope_head_dim");
        say("attention.head_count_kv", 1);
        say("attention.key_length", whole("kv_lora_rank") + rotated);
        say("attention.value_length", "kv_lora_rank");
        say("attention.key_length_mla", whole("qk_nope_head_dim") + rotated);
        say("attention.value_length_mla", "v_head_dim");
        say("attention.kv_lora_rank", "kv_lora_rank");
        say("attention.q_lora_rank", "q_lora_rank");
        say("rope.dimension_count", rotated);
        say("leading_dense_block_count", "first_k_dense_replace");
        say("expert_feed_forward_length", "moe_intermediate_size");
        say("expert_shared_count", "n_shared_experts");
        say("expert_group_count", "n_group");
        say("expert_group_used_count", "topk_group");
        say("expert_weights_scale", "routed_scaling_factor");
        say("expert_weights_norm", config.path("norm_topk_prob").asBoolean());
        say("expert_gating_func", 2);
        say("nextn_predict_layers", "num_nextn_predict_layers");
    }

    /** One letter for each byte, and tokens that stand for nothing. */
    private void tokenizer() {
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < whole("vocab_size"); id++) {
            tokens.add(id < 255 ? Character.toString(0x100 + id) : id == 255 ? "\u0100\u0101" : "<unused" + id + ">");
        }
        bytes.with("tokenizer.ggml.model", "gpt2")
                .with("tokenizer.ggml.pre", "qwen2")
                .with("tokenizer.ggml.tokens", tokens)
                .with("tokenizer.ggml.merges", List.of("\u0100 \u0101"));
    }

    private void layer(int layer) throws Exception {
        String to = "blk." + layer + ".";
        String from = "model.layers." + layer + ".";
        put(to + "attn_norm.weight", from + "input_layernorm.weight");
        put(
                to + (architecture.equals("gpt-oss") ? "post_attention_norm.weight" : "ffn_norm.weight"),
                from + "post_attention_layernorm.weight");
        if (architecture.equals("deepseek2")) {
            latentAttention(to, from + "self_attn.");
        } else {
            attention(to, from + "self_attn.");
        }
        switch (architecture) {
            case "gpt-oss" -> mxfp4Experts(to, from + "mlp.");
            case "deepseek2" -> {
                if (layer < whole("first_k_dense_replace")) {
                    gated(to, "", from + "mlp.");
                } else {
                    put(to + "ffn_gate_inp.weight", from + "mlp.gate.weight");
                    put(to + "exp_probs_b.bias", from + "mlp.gate.e_score_correction_bias");
                    gated(to, "_shexp", from + "mlp.shared_experts.");
                    experts(to, from + "mlp.experts.", "gate_proj", "up_proj", "down_proj");
                }
            }
            default -> {
                if (config.has("num_local_experts")) {
                    put(to + "ffn_gate_inp.weight", from + "block_sparse_moe.gate.weight");
                    experts(to, from + "block_sparse_moe.experts.", "w1", "w3", "w2");
                } else {
                    gated(to, "", from + "mlp.");
                }
            }
        }
    }

    /** Of the layer that predicts further tokens a few tensors do; none of them is read. */
    private void prediction() throws Exception {
        int layer = whole("num_hidden_layers");
        put("blk." + layer + ".nextn.eh_proj.weight", "model.layers." + layer + ".eh_proj.weight");
        put("blk." + layer + ".attn_norm.weight", "model.layers." + layer + ".input_layernorm.weight");
    }

    private void attention(String to, String from) throws Exception {
        int heads = architecture.equals("llama") ? whole("num_attention_heads") : 0;
        int keyHeads = architecture.equals("llama") ? whole("num_key_value_heads") : 0;
        turned(to + "attn_q.weight", from + "q_proj.weight", heads);
        turned(to + "attn_k.weight", from + "k_proj.weight", keyHeads);
        put(to + "attn_v.weight", from + "v_proj.weight");
        put(to + "attn_output.weight", from + "o_proj.weight");
        for (String part : List.of("q", "k", "v")) {
            put(to + "attn_" + part + ".bias", from + part + "_proj.bias");
        }
        put(to + "attn_output.bias", from + "o_proj.bias");
        put(to + "attn_sinks.weight", from + "sinks");
    }

    /** Halves of a head's rows become pairs. */
    private void turned(String to, String from, int heads) throws Exception {
        StoredTensor tensor = files.tensor(from);
        if (heads == 0) {
            put(to, from);
            return;
        }
        float[] values = values(tensor);
        int columns = (int) tensor.axis(1);
        int size = (int) tensor.axis(0) / heads;
        float[] pairs = new float[values.length];
        for (int row = 0; row < heads * size; row++) {
            int inHead = row % size;
            int source = row - inHead + inHead % 2 * (size / 2) + inHead / 2;
            System.arraycopy(values, source * columns, pairs, row * columns, columns);
        }
        put(to, pairs, tensor.shape());
    }

    private void latentAttention(String to, String from) throws Exception {
        for (String[] names : new String[][] {
            {"attn_q", "q_proj"},
            {"attn_q_a", "q_a_proj"},
            {"attn_q_a_norm", "q_a_layernorm"},
            {"attn_q_b", "q_b_proj"},
            {"attn_kv_a_mqa", "kv_a_proj_with_mqa"},
            {"attn_kv_a_norm", "kv_a_layernorm"},
            {"attn_output", "o_proj"}
        }) {
            put(to + names[0] + ".weight", from + names[1] + ".weight");
        }
        int heads = whole("num_attention_heads");
        int keySize = whole("qk_nope_head_dim");
        int valueSize = whole("v_head_dim");
        int rank = whole("kv_lora_rank");
        float[] both = values(files.tensor(from + "kv_b_proj.weight"));
        float[] keys = new float[heads * keySize * rank];
        float[] valuesOut = new float[heads * valueSize * rank];
        for (int head = 0; head < heads; head++) {
            for (int r = 0; r < rank; r++) {
                for (int k = 0; k < keySize; k++) {
                    keys[(head * rank + r) * keySize + k] = both[(head * (keySize + valueSize) + k) * rank + r];
                }
                for (int v = 0; v < valueSize; v++) {
                    valuesOut[(head * valueSize + v) * rank + r] =
                            both[(head * (keySize + valueSize) + keySize + v) * rank + r];
                }
            }
        }
        put(to + "attn_k_b.weight", keys, heads, rank, keySize);
        put(to + "attn_v_b.weight", valuesOut, heads, valueSize, rank);
    }

    private void gated(String to, String suffix, String from) throws Exception {
        put(to + "ffn_gate" + suffix + ".weight", from + "gate_proj.weight");
        put(to + "ffn_up" + suffix + ".weight", from + "up_proj.weight");
        put(to + "ffn_down" + suffix + ".weight", from + "down_proj.weight");
    }

    private void experts(String to, String from, String gate, String up, String down) throws Exception {
        stacked(to + "ffn_gate_exps.weight", from, gate);
        stacked(to + "ffn_up_exps.weight", from, up);
        stacked(to + "ffn_down_exps.weight", from, down);
    }

    private void stacked(String to, String from, String part) throws Exception {
        StoredTensor first = files.tensor(from + "0." + part + ".weight");
        int count = 0;
        float[] all = new float[0];
        while (files.tensors().containsKey(from + count + "." + part + ".weight")) {
            float[] one = values(files.tensor(from + count + "." + part + ".weight"));
            all = Arrays.copyOf(all, all.length + one.length);
            System.arraycopy(one, 0, all, all.length - one.length, one.length);
            count++;
        }
        put(to, all, count, first.axis(0), first.axis(1));
    }

    private void mxfp4Experts(String to, String from) throws Exception {
        put(to + "ffn_gate_inp.weight", from + "router.weight");
        put(to + "ffn_gate_inp.bias", from + "router.bias");
        blocks(to + "ffn_gate_exps.weight", from + "experts.gate_up_proj", 0, 2);
        blocks(to + "ffn_up_exps.weight", from + "experts.gate_up_proj", 1, 2);
        blocks(to + "ffn_down_exps.weight", from + "experts.down_proj", 0, 1);
        StoredTensor both = files.tensor(from + "experts.gate_up_proj_bias");
        float[] values = values(both);
        for (int part = 0; part < 2; part++) {
            float[] half = new float[values.length / 2];
            for (int i = 0; i < half.length; i++) {
                half[i] = values[2 * i + part];
            }
            put(to + (part == 0 ? "ffn_gate_exps.bias" : "ffn_up_exps.bias"), half, both.axis(0), both.axis(1) / 2);
        }
        put(to + "ffn_down_exps.bias", from + "experts.down_proj_bias");
    }

    /** A byte holds neighbours in the checkpoint, and numbers 16 apart in the file. */
    private void blocks(String to, String from, int start, int step) throws Exception {
        StoredTensor codes = files.tensor(from + "_blocks");
        StoredTensor scales = files.tensor(from + "_scales");
        long rows = codes.axis(0) * codes.axis(1);
        int groups = (int) codes.axis(2);
        ByteBuffer made = ByteBuffer.allocate((int) (rows / step * groups * 17));
        for (long row = start; row < rows; row += step) {
            for (int group = 0; group < groups; group++) {
                long at = row * groups + group;
                int[] four = new int[32];
                for (int i = 0; i < 32; i++) {
                    four[i] = codes.bytes().get(ValueLayout.JAVA_BYTE, at * 16 + i / 2) >> 4 * (i % 2) & 15;
                }
                made.put(scales.bytes().get(ValueLayout.JAVA_BYTE, at));
                for (int i = 0; i < 16; i++) {
                    made.put((byte) (four[i] | four[i + 16] << 4));
                }
            }
        }
        bytes.with(to, GgufType.MXFP4, made.array(), codes.axis(0), codes.axis(1) / step, groups * 32L);
    }

    /** Where the checkpoint has it. */
    private void put(String to, String from) throws Exception {
        if (files.tensors().containsKey(from)) {
            StoredTensor tensor = files.tensor(from);
            put(to, values(tensor), tensor.shape());
        }
    }

    private void put(String to, float[] values, long... shape) {
        ByteBuffer made = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        made.asFloatBuffer().put(values);
        bytes.with(to, GgufType.F32, made.array(), shape);
    }

    static float[] values(StoredTensor tensor) {
        int columns = (int) tensor.axis(tensor.rank() - 1);
        int rows = (int) (tensor.count() / columns);
        Weight weight = Weight.dense(tensor.name(), rows, columns, tensor.dtype(), tensor.bytes());
        float[] values = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            RowDecoder.decode(weight, row, values, row * columns);
        }
        return values;
    }
}
