package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.Experts;
import studio.atelier.engine.nn.FeedForward;
import studio.atelier.engine.nn.LatentAttention;
import studio.atelier.engine.nn.Linear;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.RmsNorm;
import studio.atelier.engine.nn.RopeScaling;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * DeepSeek-V3 (2412.19437): latent attention, many small experts chosen by sigmoid scores within groups, one shared
 * expert, and a layer that predicts the token after the next. Also R1, V3.1 and the Kimi K2 family.
 *
 * <p>Reads Hugging Face checkpoints and MLX folders; in the latter {@code kv_b_proj} is cut in two per head, in older
 * ones it is whole.
 */
final class DeepseekV3 {
    /** The latents' norms have an epsilon of their own in the released code. */
    private static final float LATENT_EPSILON = 1e-6f;

    private DeepseekV3() {}

    /** What the paper calls by these names; field names follow {@code config.json}. */
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
            Rope.Pairing pairing,
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
                    c.flag("rope_interleave", true) ? Rope.Pairing.INTERLEAVED : Rope.Pairing.HALVES,
                    c.integerOr(4096, "max_position_embeddings", 1, Bounds.POSITIONS),
                    c.flag("tie_word_embeddings", false));
        }

        private static RouterRule router(Configuration c, int experts) throws EngineException {
            int most = Math.max(1, experts);
            int groups = c.integerOr(1, "n_group", 1, most);
            int chosen = c.integerOr(1, "num_experts_per_tok", 1, most);
            int kept = c.integerOr(1, "topk_group", 1, groups);
            DeepseekV2.checkGroups(experts, groups, kept, chosen);
            if (groups > 1 && experts / groups < 2) {
                throw new EngineException(
                        EngineException.Reason.CONFIG_INVALID,
                        "config.json: " + experts + " experts in " + groups
                                + " groups leave less than the 2 in each by which groups are chosen.");
            }
            return new RouterRule(
                    RouterRule.Score.SIGMOID,
                    groups,
                    kept,
                    RouterRule.GroupScore.TWO_BEST,
                    chosen,
                    c.flag("norm_topk_prob", true) && chosen > 1,
                    (float) c.number("routed_scaling_factor", 1));
        }

        boolean isSparse(int layer) {
            return routedExperts > 0 && layer >= firstDense && layer % moeLayerFrequency == 0;
        }

        Rope positions() {
            return rope.scaling().rope(rope.theta(), ropeSize, pairing);
        }

        /** {@code (Dn + Dr)^-½}, and YaRN's share. */
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
        RmsNorm norm = modules.norm("model.norm", c.hiddenSize, c.epsilon);
        Linear head = modules.head("lm_head", embedding, c.tied);
        Decoder decoder = new Decoder(
                modules.backend(),
                embedding,
                blocks,
                norm,
                head,
                c.maxPositions,
                () -> LayerCache.latent(modules.backend(), c.latentRank, c.ropeSize));
        return new Model(decoder, prediction(c, modules, decoder));
    }

    /** The decoder, and the layer that drafts when the folder has it. */
    record Model(Decoder decoder, Optional<Drafter> drafter) implements CausalModel {
        @Override
        public int vocabularySize() {
            return decoder.vocabularySize();
        }

        @Override
        public int maxPositions() {
            return decoder.maxPositions();
        }

        @Override
        public KvCache newCache() {
            return decoder.newCache();
        }

        @Override
        public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits) {
            decoder.forward(tokens, cache, rows, logits);
        }

        @Override
        public boolean choosesBest() {
            return decoder.choosesBest();
        }

        @Override
        public void forwardBest(int[] tokens, KvCache cache, int count, float[] best) {
            decoder.forwardBest(tokens, cache, count, best);
        }

        @Override
        public boolean readsTogether() {
            return decoder.readsTogether();
        }

        @Override
        public void forwardTogether(int[] tokens, Batch batch, float[] logits, float[] hidden) {
            decoder.forwardTogether(tokens, batch, logits, hidden);
        }
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
        return new LatentAttention(
                modules.backend(),
                queries(modules, at, c.heads * (c.nopeSize + c.ropeSize), c.hiddenSize, c.queryRank),
                modules.linear(at + ".kv_a_proj_with_mqa", c.latentRank + c.ropeSize, c.hiddenSize),
                modules.norm(at + ".kv_a_layernorm", c.latentRank, LATENT_EPSILON),
                latentUp(c, modules, at),
                modules.linear(at + ".o_proj", c.hiddenSize, c.heads * c.valueSize),
                c.positions(),
                Attending.all(c.attentionScale()));
    }

    /** {@code W_qb norm(W_qa x)}, or {@code W_q x} in the small models. */
    static FeedForward queries(Modules modules, String at, int out, int in, int rank) throws EngineException {
        if (rank == 0) {
            return modules.linear(at + ".q_proj", out, in)::apply;
        }
        Linear down = modules.linear(at + ".q_a_proj", rank, in);
        RmsNorm norm = modules.norm(at + ".q_a_layernorm", rank, LATENT_EPSILON);
        Linear up = modules.linear(at + ".q_b_proj", out, rank);
        return x -> up.apply(norm.apply(down.apply(x)));
    }

    private static LatentUp latentUp(Config c, Modules modules, String at) throws EngineException {
        if (modules.weights().has(at + ".embed_q.weight")) {
            WeightStack keys = modules.weights().stack(at + ".embed_q", c.heads, c.latentRank, c.nopeSize);
            WeightStack values = modules.weights().stack(at + ".unembed_out", c.heads, c.valueSize, c.latentRank);
            return new LatentUp(keys, true, values);
        }
        int stride = c.nopeSize + c.valueSize;
        Weight whole = modules.weights().matrix(at + ".kv_b_proj", c.heads * stride, c.latentRank);
        if (whole.format() instanceof QuantFormat.Affine) {
            WeightStack keys = modules.weights().requantized(whole, c.heads, 0, stride, c.nopeSize, true);
            WeightStack values = modules.weights().requantized(whole, c.heads, c.nopeSize, stride, c.valueSize, false);
            return new LatentUp(keys, true, values);
        }
        return DeepseekV2.cut(whole, c.heads, c.nopeSize, c.valueSize);
    }

    private static Experts experts(Config c, Modules modules, String at) throws EngineException {
        int inner = c.moeIntermediateSize;
        ExpertWeights routed = DeepseekV2.routed(modules, at, c.routedExperts, c.hiddenSize, inner);
        return new Experts(
                modules.backend(),
                new Linear(
                        modules.backend(),
                        modules.weights().matrix(at + ".gate", c.routedExperts, c.hiddenSize),
                        Optional.empty()),
                modules.optionalVector(at + ".gate.e_score_correction_bias", c.routedExperts),
                c.router,
                routed,
                c.sharedExperts == 0
                        ? Optional.empty()
                        : Optional.of(modules.swiGlu(at + ".shared_experts", c.hiddenSize, inner * c.sharedExperts)));
    }

    /** The extra layer of section 2.2, numbered behind the last; folders made by other tools often lack it. */
    private static Optional<Drafter> prediction(Config c, Modules modules, Decoder decoder) throws EngineException {
        String at = "model.layers." + c.layers;
        if (!modules.weights().has(at + ".enorm.weight")) {
            return Optional.empty();
        }
        return Optional.of(new MultiTokenPrediction(
                decoder,
                true,
                modules.weights().matrix(at + ".embed_tokens", c.vocabSize, c.hiddenSize),
                modules.norm(at + ".enorm", c.hiddenSize, c.epsilon),
                modules.norm(at + ".hnorm", c.hiddenSize, c.epsilon),
                modules.linear(at + ".eh_proj", c.hiddenSize, 2 * c.hiddenSize),
                block(c, modules, at, c.routedExperts > 0),
                modules.norm(at + ".shared_head.norm", c.hiddenSize, c.epsilon),
                modules.linear(at + ".shared_head.head", c.vocabSize, c.hiddenSize)));
    }
}
