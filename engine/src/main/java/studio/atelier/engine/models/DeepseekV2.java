package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.Experts;
import studio.atelier.engine.nn.FeedForward;
import studio.atelier.engine.nn.LatentAttention;
import studio.atelier.engine.nn.Linear;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.RopeScaling;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * DeepSeek-V2 and V2-Lite (2405.04434): latent attention, experts by softmax scores, shared experts. {@code kv_b_proj}
 * stays whole in every folder.
 */
final class DeepseekV2 {
    private static final float LATENT_EPSILON = 1e-6f;

    private DeepseekV2() {}

    /** Field names follow {@code config.json}. */
    record Config(
            int vocabSize,
            int hiddenSize,
            int layers,
            int firstDense,
            int moeLayerFrequency,
            int intermediateSize,
            int moeIntermediateSize,
            int routedExperts,
            int sharedExperts,
            RouterRule router,
            int heads,
            int queryRank,
            int latentRank,
            int nopeSize,
            int ropeSize,
            int valueSize,
            float epsilon,
            RopeConfig rope,
            int maxPositions,
            boolean tied) {
        static Config from(Configuration c) throws EngineException {
            int experts = c.integerOr(0, "n_routed_experts", 0, Bounds.EXPERTS);
            return new Config(
                    c.integer("vocab_size", 1, Bounds.VOCABULARY),
                    c.integer("hidden_size", 1, Bounds.WIDTH),
                    c.integer("num_hidden_layers", 1, Bounds.LAYERS),
                    c.integerOr(0, "first_k_dense_replace", 0, Bounds.LAYERS),
                    c.integerOr(1, "moe_layer_freq", 1, Bounds.LAYERS),
                    c.integer("intermediate_size", 1, Bounds.WIDTH),
                    c.integerOr(1, "moe_intermediate_size", 1, Bounds.WIDTH),
                    experts,
                    c.integerOr(0, "n_shared_experts", 0, 64),
                    router(c, experts),
                    c.integer("num_attention_heads", 1, Bounds.HEADS),
                    c.integerOr(0, "q_lora_rank", 0, Bounds.WIDTH),
                    c.integer("kv_lora_rank", 1, Bounds.WIDTH),
                    c.integer("qk_nope_head_dim", 1, Bounds.WIDTH),
                    Bounds.even("qk_rope_head_dim", c.integer("qk_rope_head_dim", 2, Bounds.WIDTH)),
                    c.integer("v_head_dim", 1, Bounds.WIDTH),
                    Bounds.epsilon(c, 1e-6),
                    RopeConfig.from(c, 10_000),
                    c.integerOr(2048, "max_position_embeddings", 1, Bounds.POSITIONS),
                    c.flag("tie_word_embeddings", false));
        }

        /** In the released code the factor only counts when the shares are not normalized. */
        private static RouterRule router(Configuration c, int experts) throws EngineException {
            int most = Math.max(1, experts);
            boolean grouped = c.text("topk_method", "greedy").equals("group_limited_greedy");
            int groups = grouped ? c.integerOr(1, "n_group", 1, most) : 1;
            int kept = grouped ? c.integerOr(1, "topk_group", 1, groups) : 1;
            int chosen = c.integerOr(1, "num_experts_per_tok", 1, most);
            boolean normalized = chosen > 1 && c.flag("norm_topk_prob", false);
            checkGroups(experts, groups, kept, chosen);
            return new RouterRule(
                    RouterRule.Score.SOFTMAX,
                    groups,
                    kept,
                    RouterRule.GroupScore.BEST,
                    chosen,
                    normalized,
                    normalized ? 1 : (float) c.number("routed_scaling_factor", 1));
        }

        boolean isSparse(int layer) {
            return routedExperts > 0 && layer >= firstDense && layer % moeLayerFrequency == 0;
        }

        float attentionScale() {
            double yarn = rope.scaling() instanceof RopeScaling.Yarn scaling ? scaling.scoreFactor() : 1;
            return (float) (yarn / Math.sqrt(nopeSize + ropeSize));
        }
    }

    static CausalModel load(Configuration configuration, Modules modules) throws EngineException {
        Config c = Config.from(configuration);
        Weight embedding = modules.weights().matrix("model.embed_tokens", c.vocabSize, c.hiddenSize);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < c.layers; layer++) {
            blocks.add(block(c, modules, "model.layers." + layer, c.isSparse(layer)));
        }
        return new Decoder(
                modules.backend(),
                embedding,
                blocks,
                modules.norm("model.norm", c.hiddenSize, c.epsilon),
                modules.head("lm_head", embedding, c.tied),
                c.maxPositions,
                () -> LayerCache.latent(modules.backend(), c.latentRank, c.ropeSize));
    }

    private static Block block(Config c, Modules modules, String at, boolean sparse) throws EngineException {
        FeedForward feedForward = sparse
                ? experts(c, modules, at + ".mlp")
                : modules.swiGlu(at + ".mlp", c.hiddenSize, c.intermediateSize);
        return new Block(
                modules.backend(),
                modules.norm(at + ".input_layernorm", c.hiddenSize, c.epsilon),
                attention(c, modules, at + ".self_attn"),
                modules.norm(at + ".post_attention_layernorm", c.hiddenSize, c.epsilon),
                feedForward);
    }

    private static LatentAttention attention(Config c, Modules modules, String at) throws EngineException {
        Weight up = modules.weights().matrix(at + ".kv_b_proj", c.heads * (c.nopeSize + c.valueSize), c.latentRank);
        return new LatentAttention(
                modules.backend(),
                DeepseekV3.queries(modules, at, c.heads * (c.nopeSize + c.ropeSize), c.hiddenSize, c.queryRank),
                modules.linear(at + ".kv_a_proj_with_mqa", c.latentRank + c.ropeSize, c.hiddenSize),
                modules.norm(at + ".kv_a_layernorm", c.latentRank, LATENT_EPSILON),
                cut(up, c.heads, c.nopeSize, c.valueSize),
                modules.linear(at + ".o_proj", c.hiddenSize, c.heads * c.valueSize),
                c.rope.scaling().rope(c.rope.theta(), c.ropeSize, Rope.Pairing.INTERLEAVED),
                Attending.all(c.attentionScale()));
    }

    /** {@code kv_b_proj} viewed as {@code [H, Dn + Dv, R]}, cut into keys and values; nothing is copied. */
    static LatentUp cut(Weight whole, int heads, int keySize, int valueSize) {
        List<Weight> keys = new ArrayList<>(heads);
        List<Weight> values = new ArrayList<>(heads);
        for (int head = 0; head < heads; head++) {
            int first = head * (keySize + valueSize);
            keys.add(whole.slice(first, keySize));
            values.add(whole.slice(first + keySize, valueSize));
        }
        return new LatentUp(new WeightStack(keys), false, new WeightStack(values));
    }

    private static Experts experts(Config c, Modules modules, String at) throws EngineException {
        int inner = c.moeIntermediateSize;
        return new Experts(
                modules.backend(),
                new Linear(
                        modules.backend(),
                        modules.weights().matrix(at + ".gate", c.routedExperts, c.hiddenSize),
                        Optional.empty()),
                Optional.empty(),
                c.router,
                routed(modules, at, c.routedExperts, c.hiddenSize, inner),
                c.sharedExperts == 0
                        ? Optional.empty()
                        : Optional.of(modules.swiGlu(at + ".shared_experts", c.hiddenSize, inner * c.sharedExperts)));
    }

    /** {@code switch_mlp} (MLX) or {@code experts.0 ..} (Hugging Face) of a module. */
    static ExpertWeights routed(Modules modules, String at, int count, int model, int inner) throws EngineException {
        return new ExpertWeights(
                modules.experts(
                        at + ".switch_mlp.gate_proj", e -> at + ".experts." + e + ".gate_proj", count, inner, model),
                modules.experts(
                        at + ".switch_mlp.up_proj", e -> at + ".experts." + e + ".up_proj", count, inner, model),
                modules.experts(
                        at + ".switch_mlp.down_proj", e -> at + ".experts." + e + ".down_proj", count, model, inner),
                Optional.empty(),
                new Gating.SwiGlu());
    }

    static void checkGroups(int experts, int groups, int kept, int chosen) throws EngineException {
        boolean even = experts % groups == 0;
        if (experts > 0 && (!even || (long) experts / groups * kept < chosen)) {
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID,
                    "config.json: " + experts + " experts in " + groups + " groups of which " + kept
                            + " are kept can't give " + chosen + " experts per token.");
        }
    }
}
