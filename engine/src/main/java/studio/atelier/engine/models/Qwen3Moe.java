package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.Experts;
import studio.atelier.engine.nn.FeedForward;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Weight;

/** Qwen3 mixture of experts (2505.09388): Qwen3's attention, experts by softmax, no shared expert. */
final class Qwen3Moe {
    private Qwen3Moe() {}

    /** Field names follow {@code config.json}. */
    record Config(
            Qwen3.Config dense,
            int experts,
            int chosen,
            boolean normalized,
            int moeIntermediateSize,
            List<Integer> denseLayers,
            int sparseStep) {
        static Config from(Configuration c) throws EngineException {
            int experts = c.integer("num_experts", 1, Bounds.EXPERTS);
            return new Config(
                    Qwen3.Config.from(c),
                    experts,
                    c.integer("num_experts_per_tok", 1, experts),
                    c.flag("norm_topk_prob", false),
                    c.integer("moe_intermediate_size", 1, Bounds.WIDTH),
                    c.integers("mlp_only_layers"),
                    c.integerOr(1, "decoder_sparse_step", 1, Bounds.LAYERS));
        }

        boolean isSparse(int layer) {
            return !denseLayers.contains(layer) && (layer + 1) % sparseStep == 0;
        }
    }

    static CausalModel load(Configuration configuration, Modules modules) throws EngineException {
        Config c = Config.from(configuration);
        Qwen3.Config d = c.dense;
        Weight embedding = modules.weights().matrix("model.embed_tokens", d.vocabSize(), d.hiddenSize());
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < d.layers(); layer++) {
            String at = "model.layers." + layer;
            FeedForward feedForward = c.isSparse(layer)
                    ? experts(c, modules, at + ".mlp")
                    : modules.swiGlu(at + ".mlp", d.hiddenSize(), d.intermediateSize());
            blocks.add(Qwen3.block(d, modules, layer, feedForward));
        }
        return new Decoder(
                modules.backend(),
                embedding,
                blocks,
                modules.norm("model.norm", d.hiddenSize(), d.epsilon()),
                modules.head("lm_head", embedding, d.tied()),
                d.maxPositions(),
                () -> LayerCache.full(modules.backend(), d.keyHeads(), d.headSize()));
    }

    private static Experts experts(Config c, Modules modules, String at) throws EngineException {
        return new Experts(
                modules.backend(),
                modules.linear(at + ".gate", c.experts, c.dense.hiddenSize()),
                Optional.empty(),
                RouterRule.softmax(c.chosen, c.normalized),
                DeepseekV2.routed(modules, at, c.experts, c.dense.hiddenSize(), c.moeIntermediateSize),
                Optional.empty());
    }
}
