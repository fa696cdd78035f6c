package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.FeedForward;
import studio.atelier.engine.nn.GroupedAttention;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Weight;

/** Qwen3 (2505.09388): grouped attention with a norm on each head's query and key, SwiGLU. */
final class Qwen3 {
    private Qwen3() {}

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
            int maxPositions,
            boolean tied,
            int window,
            int firstWindowed) {
        static Config from(Configuration c) throws EngineException {
            int hidden = c.integer("hidden_size", 1, Bounds.WIDTH);
            int heads = c.integer("num_attention_heads", 1, Bounds.HEADS);
            int keyHeads = c.integerOr(heads, "num_key_value_heads", 1, heads);
            Llama.checkHeads(heads, keyHeads);
            return new Config(
                    c.integer("vocab_size", 1, Bounds.VOCABULARY),
                    hidden,
                    c.integer("num_hidden_layers", 1, Bounds.LAYERS),
                    c.integer("intermediate_size", 1, Bounds.WIDTH),
                    heads,
                    keyHeads,
                    Bounds.even("head_dim", c.integerOr(Math.max(2, hidden / heads), "head_dim", 2, Bounds.WIDTH)),
                    Bounds.epsilon(c, 1e-6),
                    RopeConfig.from(c, 1_000_000),
                    c.integerOr(32_768, "max_position_embeddings", 1, Bounds.POSITIONS),
                    c.flag("tie_word_embeddings", false),
                    c.integerOr(4096, "sliding_window", 1, Bounds.POSITIONS),
                    c.flag("use_sliding_window", false)
                            ? c.integerOr(28, "max_window_layers", 0, Bounds.LAYERS)
                            : Integer.MAX_VALUE);
        }

        int windowOf(int layer) {
            return layer >= firstWindowed ? window : Integer.MAX_VALUE;
        }
    }

    static Decoder load(Configuration configuration, Modules modules) throws EngineException {
        Config c = Config.from(configuration);
        Weight embedding = modules.weights().matrix("model.embed_tokens", c.vocabSize, c.hiddenSize);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < c.layers; layer++) {
            String at = "model.layers." + layer;
            blocks.add(block(c, modules, layer, modules.swiGlu(at + ".mlp", c.hiddenSize, c.intermediateSize)));
        }
        return new Decoder(
                modules.backend(),
                embedding,
                blocks,
                modules.norm("model.norm", c.hiddenSize, c.epsilon),
                modules.head("lm_head", embedding, c.tied),
                c.maxPositions,
                () -> LayerCache.full(modules.backend(), c.keyHeads, c.headSize));
    }

    static Block block(Config c, Modules modules, int layer, FeedForward feedForward) throws EngineException {
        String at = "model.layers." + layer;
        return new Block(
                modules.backend(),
                modules.norm(at + ".input_layernorm", c.hiddenSize, c.epsilon),
                attention(c, modules, at + ".self_attn", c.windowOf(layer)),
                modules.norm(at + ".post_attention_layernorm", c.hiddenSize, c.epsilon),
                feedForward);
    }

    private static GroupedAttention attention(Config c, Modules modules, String at, int window) throws EngineException {
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
                Optional.of(modules.norm(at + ".q_norm", c.headSize, c.epsilon)),
                Optional.of(modules.norm(at + ".k_norm", c.headSize, c.epsilon)),
                Optional.empty(),
                Attending.within(window, c.headSize));
    }
}
