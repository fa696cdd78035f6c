package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.GroupedAttention;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Weight;

/** Llama 2 and 3 (2407.21783) and what is built alike: grouped attention, SwiGLU. */
final class Llama {
    private Llama() {}

    /** Field names follow {@code config.json}. */
    record Config(
            int vocabSize,
            int hiddenSize,
            int layers,
            int intermediateSize,
            int heads,
            int keyHeads,
            int headSize,
            float epsilon,
            RopeConfig rope,
            int maxPositions) {
        static Config from(Configuration c) throws EngineException {
            int hidden = c.integer("hidden_size", 1, Bounds.WIDTH);
            int heads = c.integer("num_attention_heads", 1, Bounds.HEADS);
            int keyHeads = c.integerOr(heads, "num_key_value_heads", 1, heads);
            checkHeads(heads, keyHeads);
            return new Config(
                    c.integer("vocab_size", 1, Bounds.VOCABULARY),
                    hidden,
                    c.integer("num_hidden_layers", 1, Bounds.LAYERS),
                    c.integer("intermediate_size", 1, Bounds.WIDTH),
                    heads,
                    keyHeads,
                    Bounds.even("head_dim", c.integerOr(Math.max(2, hidden / heads), "head_dim", 2, Bounds.WIDTH)),
                    Bounds.epsilon(c, 1e-6),
                    RopeConfig.from(c, 10_000),
                    c.integerOr(2048, "max_position_embeddings", 1, Bounds.POSITIONS));
        }
    }

    static Decoder load(Configuration configuration, Modules modules) throws EngineException {
        Config c = Config.from(configuration);
        // Without the key, Hugging Face and mlx-lm differ on its meaning; what lies in the folder decides.
        boolean tied =
                configuration.flag("tie_word_embeddings", !modules.weights().has("lm_head.weight"));
        Weight embedding = modules.weights().matrix("model.embed_tokens", c.vocabSize, c.hiddenSize);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < c.layers; layer++) {
            blocks.add(block(c, modules, "model.layers." + layer));
        }
        return new Decoder(
                modules.backend(),
                embedding,
                blocks,
                modules.norm("model.norm", c.hiddenSize, c.epsilon),
                modules.head("lm_head", embedding, tied),
                c.maxPositions,
                () -> LayerCache.full(modules.backend(), c.keyHeads, c.headSize));
    }

    private static Block block(Config c, Modules modules, String at) throws EngineException {
        return new Block(
                modules.backend(),
                modules.norm(at + ".input_layernorm", c.hiddenSize, c.epsilon),
                attention(c, modules, at + ".self_attn"),
                modules.norm(at + ".post_attention_layernorm", c.hiddenSize, c.epsilon),
                modules.swiGlu(at + ".mlp", c.hiddenSize, c.intermediateSize));
    }

    /** Plain grouped attention, also Mixtral's. */
    static GroupedAttention attention(Config c, Modules modules, String at) throws EngineException {
        return new GroupedAttention(
                modules.backend(),
                modules.linear(at + ".q_proj", c.heads * c.headSize, c.hiddenSize),
                modules.linear(at + ".k_proj", c.keyHeads * c.headSize, c.hiddenSize),
                modules.linear(at + ".v_proj", c.keyHeads * c.headSize, c.hiddenSize),
                modules.linear(at + ".o_proj", c.hiddenSize, c.heads * c.headSize),
                c.heads,
                c.keyHeads,
                c.headSize,
                c.rope.scaling().rope(c.rope.theta(), c.headSize, Rope.Pairing.HALVES),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Attending.within(Integer.MAX_VALUE, c.headSize));
    }

    static void checkHeads(int heads, int keyHeads) throws EngineException {
        if (heads % keyHeads != 0) {
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID,
                    "config.json: " + heads + " attention heads can't share " + keyHeads + " key heads evenly.");
        }
    }
}
