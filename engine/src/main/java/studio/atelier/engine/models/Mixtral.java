package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.Experts;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Weight;

/** Mixtral (2401.04088): Llama's attention, a few large experts, their shares a softmax over the chosen. */
final class Mixtral {
    private Mixtral() {}

    static CausalModel load(Configuration configuration, Modules modules) throws EngineException {
        Llama.Config c = Llama.Config.from(configuration);
        int experts = configuration.integer("num_local_experts", 1, Bounds.EXPERTS);
        int chosen = configuration.integer("num_experts_per_tok", 1, experts);
        boolean tied = configuration.flag("tie_word_embeddings", false);
        Weight embedding = modules.weights().matrix("model.embed_tokens", c.vocabSize(), c.hiddenSize());
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < c.layers(); layer++) {
            String at = "model.layers." + layer;
            blocks.add(new Block(
                    modules.backend(),
                    modules.norm(at + ".input_layernorm", c.hiddenSize(), c.epsilon()),
                    Llama.attention(c, modules, at + ".self_attn"),
                    modules.norm(at + ".post_attention_layernorm", c.hiddenSize(), c.epsilon()),
                    experts(c, modules, at + ".block_sparse_moe", experts, chosen)));
        }
        return new Decoder(
                modules.backend(),
                embedding,
                blocks,
                modules.norm("model.norm", c.hiddenSize(), c.epsilon()),
                modules.head("lm_head", embedding, tied),
                c.maxPositions(),
                () -> LayerCache.full(modules.backend(), c.keyHeads(), c.headSize()));
    }

    /** {@code w1} is the gate, {@code w3} up, {@code w2} down. */
    private static Experts experts(Llama.Config c, Modules modules, String at, int count, int chosen)
            throws EngineException {
        int model = c.hiddenSize();
        int inner = c.intermediateSize();
        ExpertWeights routed = new ExpertWeights(
                modules.experts(at + ".switch_mlp.gate_proj", e -> at + ".experts." + e + ".w1", count, inner, model),
                modules.experts(at + ".switch_mlp.up_proj", e -> at + ".experts." + e + ".w3", count, inner, model),
                modules.experts(at + ".switch_mlp.down_proj", e -> at + ".experts." + e + ".w2", count, model, inner),
                Optional.empty(),
                new Gating.SwiGlu());
        return new Experts(
                modules.backend(),
                modules.linear(at + ".gate", count, model),
                Optional.empty(),
                RouterRule.softmax(chosen, true),
                routed,
                Optional.empty());
    }
}
