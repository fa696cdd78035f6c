package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Logits;
import studio.atelier.engine.golden.PlainModel.Feed;
import studio.atelier.engine.golden.PlainModel.Latent;

/** Every architecture in odd shapes, against {@link PlainModel} in double precision. */
final class FamiliesTest {
    private static final double TOLERANCE = 3e-4;
    private static final int GREEDY = 6;

    @TempDir
    Path folder;

    private final RandomFolder made = new RandomFolder(7);
    private final PlainModel.Shape shape = new PlainModel.Shape();

    @Test
    void llama() throws Exception {
        llamaLayers("llama");
        compare(23);
    }

    @Test
    void llamaOfOneTokenAndOfMoreThanAChunk() throws Exception {
        llamaLayers("llama");
        compare(1);
        compare(70);
    }

    @Test
    void llamaWithBiasesTiedEmbeddingsAndHeadsOfTheirOwnSize() throws Exception {
        shape.headSize = 20;
        shape.heads = 6;
        shape.keyHeads = 1;
        shape.tied = true;
        llamaLayers("llama");
        made.config.put("tie_word_embeddings", true).put("attention_bias", true).put("mlp_bias", true);
        for (int layer = 0; layer < shape.layers; layer++) {
            String at = "model.layers." + layer;
            made.bias(at + ".self_attn.q_proj.bias", 120);
            made.bias(at + ".self_attn.k_proj.bias", 20);
            made.bias(at + ".self_attn.v_proj.bias", 20);
            made.bias(at + ".self_attn.o_proj.bias", shape.hidden);
            made.bias(at + ".mlp.gate_proj.bias", shape.inner);
            made.bias(at + ".mlp.down_proj.bias", shape.hidden);
        }
        compare(23);
    }

    @Test
    void llamaWithLlama3Frequencies() throws Exception {
        made.config
                .putObject("rope_scaling")
                .put("rope_type", "llama3")
                .put("factor", 8.0)
                .put("low_freq_factor", 1.0)
                .put("high_freq_factor", 4.0)
                .put("original_max_position_embeddings", 64);
        shape.theta = 500_000;
        made.config.put("rope_theta", 500_000.0);
        shape.frequencies = (inverse, _) -> {
            double wave = 2 * Math.PI / inverse;
            double smooth = (64 / wave - 1) / (4 - 1);
            return wave > 64 ? inverse / 8 : wave < 16 ? inverse : (1 - smooth) * inverse / 8 + smooth * inverse;
        };
        llamaLayers("llama");
        compare(30);
    }

    @Test
    void llamaWithLinearFrequencies() throws Exception {
        made.config.putObject("rope_scaling").put("type", "linear").put("factor", 4.0);
        shape.frequencies = (inverse, _) -> inverse / 4;
        llamaLayers("llama");
        compare(30);
    }

    @Test
    void llamaWithDynamicFrequenciesStaysPlainWithinItsLength() throws Exception {
        made.config.putObject("rope_scaling").put("type", "dynamic").put("factor", 4.0);
        llamaLayers("llama");
        compare(30);
    }

    @Test
    void qwen3WithYarnAndSlidingLayers() throws Exception {
        shape.headSize = 24;
        shape.queryKeyNorm = true;
        shape.windows = new int[] {Integer.MAX_VALUE, 5, 5};
        yarn(shape.headSize, 4, 32, true);
        shape.ropeFactor = 0.1 * Math.log(4) + 1;
        llamaLayers("qwen3");
        made.config.put("use_sliding_window", true).put("sliding_window", 5).put("max_window_layers", 1);
        for (int layer = 0; layer < shape.layers; layer++) {
            made.norm("model.layers." + layer + ".self_attn.q_norm", 24);
            made.norm("model.layers." + layer + ".self_attn.k_norm", 24);
        }
        compare(29);
    }

    @Test
    void mixtral() throws Exception {
        shape.feed = new Feed.Mixtral(5, 2);
        made.config.put("num_local_experts", 5).put("num_experts_per_tok", 2);
        frame("mixtral");
        for (int layer = 0; layer < shape.layers; layer++) {
            String at = attention(layer);
            made.matrix(at + ".block_sparse_moe.gate", 5, shape.hidden);
            for (int e = 0; e < 5; e++) {
                String expert = at + ".block_sparse_moe.experts." + e;
                made.matrix(expert + ".w1", shape.inner, shape.hidden);
                made.matrix(expert + ".w2", shape.hidden, shape.inner);
                made.matrix(expert + ".w3", shape.inner, shape.hidden);
            }
        }
        compare(23);
    }

    @Test
    void gptOssWithSinksWindowsAndRaggedYarn() throws Exception {
        gptOss(false);
        compare(25);
    }

    @Test
    void gptOssWithWholePairsOfYarn() throws Exception {
        gptOss(true);
        compare(25);
    }

    private void gptOss(boolean truncated) {
        shape.hidden = 64;
        shape.inner = 96;
        shape.layers = 4;
        shape.theta = 150_000;
        shape.sinks = true;
        shape.windows = new int[] {8, Integer.MAX_VALUE, 8, Integer.MAX_VALUE};
        shape.feed = new Feed.GptOss(6, 3);
        yarn(shape.headSize, 32, 64, truncated);
        shape.ropeFactor = 0.1 * Math.log(32) + 1;
        made.config.put("num_local_experts", 6).put("experts_per_token", 3).put("sliding_window", 8);
        made.config.put("rope_theta", 150_000.0);
        made.config
                .putArray("layer_types")
                .add("sliding_attention")
                .add("full_attention")
                .add("sliding_attention")
                .add("full_attention");
        frame("gpt_oss");
        for (int layer = 0; layer < shape.layers; layer++) {
            String at = attention(layer);
            made.bias(at + ".self_attn.sinks", shape.heads);
            for (String part : List.of("q", "k", "v", "o")) {
                int size = part.equals("o") ? shape.hidden : part.equals("q") ? 64 : 32;
                made.bias(at + ".self_attn." + part + "_proj.bias", size);
            }
            made.matrix(at + ".mlp.router", 6, 64);
            made.bias(at + ".mlp.router.bias", 6);
            made.mxfp4(at + ".mlp.experts.gate_up_proj", 6, 192, 64);
            made.bias(at + ".mlp.experts.gate_up_proj_bias", 6, 192);
            made.mxfp4(at + ".mlp.experts.down_proj", 6, 64, 96);
            made.bias(at + ".mlp.experts.down_proj_bias", 6, 64);
        }
    }

    @Test
    void deepseekV3WithoutQueryRankWithoutGroupsAllSparse() throws Exception {
        deepseek(
                "deepseek_v3",
                new Latent(0, 24, 12, 8, 20, 1, true),
                new Feed.DeepSeek(6, 3, 1, 1, 40, 1, 0, 1, true, 1.5, true));
        compare(23);
        compare(1);
        compare(40);
    }

    @Test
    void deepseekV3WithGroupsEveryOtherLayerSparseAndBiases() throws Exception {
        deepseek(
                "deepseek_v3",
                new Latent(36, 24, 12, 8, 20, 1, true),
                new Feed.DeepSeek(8, 3, 4, 2, 40, 2, 0, 2, true, 2.5, true));
        for (int layer = 0; layer < shape.layers; layer++) {
            made.bias("model.layers." + layer + ".self_attn.q_a_proj.bias", 36);
            made.bias("model.layers." + layer + ".self_attn.kv_a_proj_with_mqa.bias", 32);
            made.bias("model.layers." + layer + ".self_attn.o_proj.bias", shape.hidden);
        }
        made.config.put("attention_bias", true);
        compare(23);
    }

    @Test
    void deepseekV3WithHalvedPairsAndYarn() throws Exception {
        double m = 0.1 * Math.log(40) + 1;
        deepseek(
                "deepseek_v3",
                new Latent(0, 24, 12, 16, 20, m * m, false),
                new Feed.DeepSeek(4, 1, 1, 1, 40, 0, 1, 1, true, 1, true));
        // A single expert's share is not normalized.
        shape.feed = new Feed.DeepSeek(4, 1, 1, 1, 40, 0, 1, 1, false, 1, true);
        made.config.put("rope_interleave", false);
        yarn(16, 40, 32, true);
        ((com.fasterxml.jackson.databind.node.ObjectNode) made.config.get("rope_scaling"))
                .put("mscale", 1.0)
                .put("mscale_all_dim", 1.0);
        compare(23);
    }

    @Test
    void deepseekV2ByGroupsWithBestExperts() throws Exception {
        deepseek(
                "deepseek_v2",
                new Latent(36, 24, 12, 8, 20, 1, true),
                new Feed.DeepSeek(8, 3, 4, 2, 40, 2, 1, 1, false, 4, false));
        made.config.put("topk_method", "group_limited_greedy");
        compare(23);
    }

    private void deepseek(String type, Latent latent, Feed.DeepSeek moe) {
        shape.latent = latent;
        shape.feed = moe;
        shape.keyHeads = shape.heads;
        made.config
                .put("kv_lora_rank", latent.rank())
                .put("qk_nope_head_dim", latent.nope())
                .put("qk_rope_head_dim", latent.rope())
                .put("v_head_dim", latent.value())
                .put("n_routed_experts", moe.experts())
                .put("num_experts_per_tok", moe.chosen())
                .put("n_group", moe.groups())
                .put("topk_group", moe.keptGroups())
                .put("moe_intermediate_size", moe.inner())
                .put("n_shared_experts", moe.shared())
                .put("first_k_dense_replace", moe.firstDense())
                .put("moe_layer_freq", moe.frequency())
                .put("norm_topk_prob", moe.normalized())
                .put("routed_scaling_factor", moe.factor());
        if (latent.queryRank() > 0) {
            made.config.put("q_lora_rank", latent.queryRank());
        } else {
            made.config.putNull("q_lora_rank");
        }
        frame(type);
        for (int layer = 0; layer < shape.layers; layer++) {
            String at = norms(layer);
            latentAttention(at + ".self_attn", latent);
            if (layer < moe.firstDense() || layer % moe.frequency() != 0) {
                swiGlu(at + ".mlp", shape.inner);
                continue;
            }
            made.matrix(at + ".mlp.gate", moe.experts(), shape.hidden);
            if (moe.sigmoid()) {
                made.bias(at + ".mlp.gate.e_score_correction_bias", moe.experts());
            }
            for (int e = 0; e < moe.experts(); e++) {
                swiGlu(at + ".mlp.experts." + e, moe.inner());
            }
            if (moe.shared() > 0) {
                swiGlu(at + ".mlp.shared_experts", moe.inner() * moe.shared());
            }
        }
    }

    private void latentAttention(String at, Latent latent) {
        int queries = shape.heads * (latent.nope() + latent.rope());
        if (latent.queryRank() == 0) {
            made.matrix(at + ".q_proj", queries, shape.hidden);
        } else {
            made.matrix(at + ".q_a_proj", latent.queryRank(), shape.hidden);
            made.norm(at + ".q_a_layernorm", latent.queryRank());
            made.matrix(at + ".q_b_proj", queries, latent.queryRank());
        }
        made.matrix(at + ".kv_a_proj_with_mqa", latent.rank() + latent.rope(), shape.hidden);
        made.norm(at + ".kv_a_layernorm", latent.rank());
        made.matrix(at + ".kv_b_proj", shape.heads * (latent.nope() + latent.value()), latent.rank());
        made.matrix(at + ".o_proj", shape.hidden, shape.heads * latent.value());
    }

    private void yarn(int size, double factor, int original, boolean truncated) {
        made.config
                .putObject("rope_scaling")
                .put("rope_type", "yarn")
                .put("factor", factor)
                .put("beta_fast", 32.0)
                .put("beta_slow", 1.0)
                .put("original_max_position_embeddings", original)
                .put("truncate", truncated);
        double theta = shape.theta;
        double fast = size * Math.log(original / (32 * 2 * Math.PI)) / (2 * Math.log(theta));
        double slow = size * Math.log(original / (2 * Math.PI)) / (2 * Math.log(theta));
        double low = Math.max(truncated ? Math.floor(fast) : fast, 0);
        double high = Math.min(truncated ? Math.ceil(slow) : slow, size - 1);
        shape.frequencies = (inverse, i) -> {
            double ramp = Math.clamp((i - low) / (high - low), 0, 1);
            return inverse / factor * ramp + inverse * (1 - ramp);
        };
    }

    private void llamaLayers(String type) {
        frame(type);
        for (int layer = 0; layer < shape.layers; layer++) {
            swiGlu(attention(layer) + ".mlp", shape.inner);
        }
    }

    private void frame(String type) {
        made.config
                .put("model_type", type)
                .put("vocab_size", shape.vocab)
                .put("hidden_size", shape.hidden)
                .put("num_hidden_layers", shape.layers)
                .put("intermediate_size", shape.inner)
                .put("num_attention_heads", shape.heads)
                .put("num_key_value_heads", shape.keyHeads)
                .put("head_dim", shape.headSize)
                .put("rms_norm_eps", shape.epsilon)
                .put("max_position_embeddings", 512);
        if (!made.config.has("rope_theta")) {
            made.config.put("rope_theta", shape.theta);
        }
        made.matrix("model.embed_tokens", shape.vocab, shape.hidden);
        made.norm("model.norm", shape.hidden);
        if (!shape.tied) {
            made.config.put("tie_word_embeddings", false);
            made.matrix("lm_head", shape.vocab, shape.hidden);
        }
    }

    private String norms(int layer) {
        String at = "model.layers." + layer;
        made.norm(at + ".input_layernorm", shape.hidden);
        made.norm(at + ".post_attention_layernorm", shape.hidden);
        return at;
    }

    private String attention(int layer) {
        String at = norms(layer);
        made.matrix(at + ".self_attn.q_proj", shape.heads * shape.headSize, shape.hidden);
        made.matrix(at + ".self_attn.k_proj", shape.keyHeads * shape.headSize, shape.hidden);
        made.matrix(at + ".self_attn.v_proj", shape.keyHeads * shape.headSize, shape.hidden);
        made.matrix(at + ".self_attn.o_proj", shape.hidden, shape.heads * shape.headSize);
        return at;
    }

    private void swiGlu(String at, int inner) {
        made.matrix(at + ".gate_proj", inner, shape.hidden);
        made.matrix(at + ".up_proj", inner, shape.hidden);
        made.matrix(at + ".down_proj", shape.hidden, inner);
    }

    private void compare(int length) throws Exception {
        Path model = made.write(folder.resolve("model-" + length));
        int[] tokens = new Random(length).ints(length, 0, shape.vocab).toArray();
        PlainModel reference = new PlainModel(shape, made.numbers);
        double[] expected = Arrays.stream(reference.logits(tokens))
                .flatMapToDouble(Arrays::stream)
                .toArray();
        double spread =
                Math.sqrt(Arrays.stream(expected).map(z -> z * z).average().orElse(0));
        assertTrue(spread > 0.3, "the logits are all alike: " + spread);
        int[] greedy = greedy(reference, tokens);
        for (BackendChoice backend : List.of(BackendChoice.SCALAR, BackendChoice.CPU)) {
            Logits got = Logits.compute(model, backend, tokens, GREEDY);
            assertEquals(expected.length, got.logits().length);
            double worst = 0;
            for (int i = 0; i < expected.length; i++) {
                double difference = Math.abs(expected[i] - got.logits()[i]);
                worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
            }
            assertTrue(worst <= TOLERANCE, backend + ": off by " + worst);
            assertArrayEquals(greedy, got.greedyTokens(), backend.toString());
        }
    }

    private static int[] greedy(PlainModel reference, int[] tokens) {
        int[] all = tokens;
        for (int i = 0; i < GREEDY; i++) {
            double[] last = reference.logits(all)[all.length - 1];
            int best = 0;
            for (int id = 1; id < last.length; id++) {
                best = last[id] > last[best] ? id : best;
            }
            all = Arrays.copyOf(all, all.length + 1);
            all[all.length - 1] = best;
        }
        return Arrays.copyOfRange(all, tokens.length, all.length);
    }
}
