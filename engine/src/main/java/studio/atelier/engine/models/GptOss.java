package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.Experts;
import studio.atelier.engine.nn.GroupedAttention;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * gpt-oss (2508.10925): grouped attention with a learned sink per head, every other layer with a window, biases
 * everywhere, MXFP4 experts with a clamped SwiGLU.
 *
 * <p>In the released checkpoint gate and up rows alternate in one tensor; MLX folders hold them apart.
 */
final class GptOss {
    private static final Gating GATING = new Gating.ClampedSwiGlu(7, 1.702f);

    private GptOss() {}

    /** Field names follow {@code config.json}. */
    record Config(
            int vocabSize,
            int hiddenSize,
            int layers,
            int intermediateSize,
            int experts,
            int chosen,
            int heads,
            int keyHeads,
            int headSize,
            int window,
            List<String> layerTypes,
            float epsilon,
            RopeConfig rope,
            int maxPositions) {
        static Config from(Configuration c) throws EngineException {
            int heads = c.integer("num_attention_heads", 1, Bounds.HEADS);
            int keyHeads = c.integerOr(heads, "num_key_value_heads", 1, heads);
            int experts = c.integer("num_local_experts", 1, Bounds.EXPERTS);
            Llama.checkHeads(heads, keyHeads);
            return new Config(
                    c.integer("vocab_size", 1, Bounds.VOCABULARY),
                    c.integer("hidden_size", 1, Bounds.WIDTH),
                    c.integer("num_hidden_layers", 1, Bounds.LAYERS),
                    c.integer("intermediate_size", 1, Bounds.WIDTH),
                    experts,
                    c.integer(c.has("num_experts_per_tok") ? "num_experts_per_tok" : "experts_per_token", 1, experts),
                    heads,
                    keyHeads,
                    Bounds.even("head_dim", c.integerOr(64, "head_dim", 2, Bounds.WIDTH)),
                    c.integerOr(128, "sliding_window", 1, Bounds.POSITIONS),
                    c.texts("layer_types"),
                    Bounds.epsilon(c, 1e-5),
                    RopeConfig.from(c, 150_000),
                    c.integerOr(131_072, "max_position_embeddings", 1, Bounds.POSITIONS));
        }

        /** Without a list, even layers have the window. */
        int windowOf(int layer) {
            boolean sliding =
                    layer < layerTypes.size() ? layerTypes.get(layer).equals("sliding_attention") : layer % 2 == 0;
            return sliding ? window : Integer.MAX_VALUE;
        }
    }

    static CausalModel load(Configuration configuration, Modules modules) throws EngineException {
        Config c = Config.from(configuration);
        Weight embedding = modules.weights().matrix("model.embed_tokens", c.vocabSize, c.hiddenSize);
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < c.layers; layer++) {
            String at = "model.layers." + layer;
            blocks.add(new Block(
                    modules.backend(),
                    modules.norm(at + ".input_layernorm", c.hiddenSize, c.epsilon),
                    attention(c, modules, at + ".self_attn", c.windowOf(layer)),
                    modules.norm(at + ".post_attention_layernorm", c.hiddenSize, c.epsilon),
                    experts(c, modules, at + ".mlp")));
        }
        return new Decoder(
                modules.backend(),
                embedding,
                blocks,
                modules.norm("model.norm", c.hiddenSize, c.epsilon),
                modules.head("lm_head", embedding, configuration.flag("tie_word_embeddings", false)),
                c.maxPositions,
                () -> LayerCache.full(modules.backend(), c.keyHeads, c.headSize));
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
                Optional.empty(),
                Optional.empty(),
                Optional.of(modules.vector(at + ".sinks", c.heads)),
                Attending.within(window, c.headSize));
    }

    private static Experts experts(Config c, Modules modules, String at) throws EngineException {
        ExpertWeights routed = modules.weights().has(at + ".experts.gate_up_proj_blocks")
                ? released(c, modules, at + ".experts")
                : apart(c, modules, at + ".experts");
        return new Experts(
                modules.backend(),
                modules.linear(at + ".router", c.experts, c.hiddenSize),
                Optional.empty(),
                // A softmax over the chosen logits is the softmax over all, normalized to the chosen.
                RouterRule.softmax(c.chosen, true),
                routed,
                Optional.empty());
    }

    private static ExpertWeights apart(Config c, Modules modules, String at) throws EngineException {
        int inner = c.intermediateSize;
        return new ExpertWeights(
                modules.weights().stack(at + ".gate_proj", c.experts, inner, c.hiddenSize),
                modules.weights().stack(at + ".up_proj", c.experts, inner, c.hiddenSize),
                modules.weights().stack(at + ".down_proj", c.experts, c.hiddenSize, inner),
                Optional.of(new ExpertWeights.Biases(
                        modules.vector(at + ".gate_proj.bias", c.experts, inner),
                        modules.vector(at + ".up_proj.bias", c.experts, inner),
                        modules.vector(at + ".down_proj.bias", c.experts, c.hiddenSize))),
                GATING);
    }

    private static ExpertWeights released(Config c, Modules modules, String at) throws EngineException {
        int inner = c.intermediateSize;
        WeightStack both = modules.weights().mxfp4Blocks(at + ".gate_up_proj", c.experts, 2 * inner, c.hiddenSize);
        float[] biases = modules.weights().numbers(at + ".gate_up_proj_bias", c.experts, 2 * inner);
        return new ExpertWeights(
                everySecond(both, 0, inner),
                everySecond(both, 1, inner),
                modules.weights().mxfp4Blocks(at + ".down_proj", c.experts, c.hiddenSize, inner),
                Optional.of(new ExpertWeights.Biases(
                        everySecond(modules, biases, 0, c.experts, inner),
                        everySecond(modules, biases, 1, c.experts, inner),
                        modules.vector(at + ".down_proj_bias", c.experts, c.hiddenSize))),
                GATING);
    }

    private static WeightStack everySecond(WeightStack both, int first, int rows) {
        return new WeightStack(
                both.each().stream().map(each -> each.slice(first, rows, 2)).toList());
    }

    private static Tensor everySecond(Modules modules, float[] both, int first, int experts, int inner) {
        float[] taken = new float[experts * inner];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = both[2 * i + first];
        }
        return modules.backend().upload(Shape.of(experts, inner), taken);
    }
}
