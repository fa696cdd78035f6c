package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.Convolution;
import studio.atelier.engine.nn.LayerNorm;
import studio.atelier.engine.nn.Linear;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Projector;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Window;

/** SigLIP's vision transformer without its pooling head (Zhai et al. 2023, 2303.15343): how Janus looks at pictures. */
final class SigLip {
    private static final float EPSILON = 1e-6f;

    private final Config config;
    private final Backend backend;
    private final PictureOperations pictures;
    private final Convolution patches;
    private final Tensor positions;
    private final List<Layer> layers;
    private final LayerNorm norm;

    /**
     * Sizes.
     *
     * @param pixels a side of the picture
     * @param patch pixels a side of a patch
     * @param inner size within the feed-forward
     */
    record Config(int pixels, int patch, int width, int layers, int heads, int inner) {
        /** Reads what is written and takes SigLIP large for what is not. */
        static Config from(Configuration c, int pixels) throws EngineException {
            int width = c.integerOr(1024, "width", 1, Bounds.WIDTH);
            return checked(
                    pixels,
                    c.integerOr(16, "patch", 1, pixels),
                    width,
                    c.integerOr(24, "layers", 1, Bounds.LAYERS),
                    c.integerOr(16, "heads", 1, Bounds.HEADS),
                    c.integerOr(4 * width, "mlp_hidden", 1, Bounds.WIDTH));
        }

        /** As {@link #from}, in the words of Hugging Face's conversion. */
        static Config converted(Configuration c, int pixels) throws EngineException {
            int width = c.integerOr(1024, "hidden_size", 1, Bounds.WIDTH);
            return checked(
                    pixels,
                    c.integerOr(16, "patch_size", 1, pixels),
                    width,
                    c.integerOr(24, "num_hidden_layers", 1, Bounds.LAYERS),
                    c.integerOr(16, "num_attention_heads", 1, Bounds.HEADS),
                    (int) (width * Math.clamp(c.number("mlp_ratio", 4), 1.0 / width, 64)));
        }

        private static Config checked(int pixels, int patch, int width, int layers, int heads, int inner)
                throws EngineException {
            if (width % heads != 0 || pixels % patch != 0) {
                throw new EngineException(
                        EngineException.Reason.CONFIG_INVALID,
                        "config.json: vision_config: " + heads + " heads must divide " + width + ", and patches of "
                                + patch + " pixels a picture of " + pixels + ".");
            }
            return new Config(pixels, patch, width, layers, heads, inner);
        }

        int patches() {
            return pixels / patch * (pixels / patch);
        }
    }

    /** Queries, keys and values are one layer as published, three as Hugging Face converts them. */
    private record Layer(
            LayerNorm attentionNorm, List<Linear> queriesKeysValues, Linear output, LayerNorm norm, Projector mlp) {}

    private SigLip(
            Config config,
            PictureModules modules,
            Convolution patches,
            Tensor positions,
            List<Layer> layers,
            LayerNorm norm) {
        this.config = config;
        this.backend = modules.backend();
        this.pictures = modules.pictures();
        this.patches = patches;
        this.positions = positions;
        this.layers = List.copyOf(layers);
        this.norm = norm;
    }

    /** @param converted whether the tensors are those of Hugging Face's conversion */
    static SigLip load(Config c, boolean converted, PictureModules modules) throws EngineException {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < c.layers; i++) {
            String at = "blocks." + i;
            layers.add(new Layer(
                    modules.layerNorm(at + ".norm1", c.width, EPSILON),
                    queriesKeysValues(c, modules.modules(), at + ".attn."),
                    modules.modules().linear(at + ".attn.proj", c.width, c.width),
                    modules.layerNorm(at + ".norm2", c.width, EPSILON),
                    modules.projector(at + ".mlp.fc1", at + ".mlp.fc2", c.width, c.inner, c.width, Activation.GELU)));
        }
        for (String unused : List.of("latent", "q.weight", "kv.weight", "proj.weight", "norm.weight")) {
            modules.modules().weights().ignore("attn_pool." + unused);
        }
        modules.modules().weights().ignore("attn_pool.mlp.fc1.weight");
        modules.modules().weights().ignore("attn_pool.mlp.fc2.weight");
        return new SigLip(
                c,
                modules,
                modules.convolution("patch_embed.proj", c.width, 3, Window.patches(c.patch)),
                converted
                        ? modules.modules().vector("pos_embed", c.patches(), c.width)
                        : modules.modules().vector("pos_embed", 1, c.patches(), c.width),
                layers,
                modules.layerNorm("norm", c.width, EPSILON));
    }

    private static List<Linear> queriesKeysValues(Config c, Modules modules, String at) throws EngineException {
        if (modules.weights().has(at + "qkv.weight")) {
            return List.of(modules.linear(at + "qkv", 3 * c.width, c.width));
        }
        return List.of(
                modules.linear(at + "q_proj", c.width, c.width),
                modules.linear(at + "k_proj", c.width, c.width),
                modules.linear(at + "v_proj", c.width, c.width));
    }

    /** {@code [Y, X, 3]} from -1 to 1 to a vector per patch, {@code [patches, E]}. */
    Tensor look(float[] pixels) {
        int side = config.pixels;
        Tensor picture = backend.upload(Shape.of(side, side, 3), pixels);
        Tensor embedded = patches.apply(picture).reshape(config.patches(), config.width); // [P, E]
        Tensor x = backend.add(embedded, positions);
        for (Layer layer : layers) {
            x = backend.add(x, attention(layer, layer.attentionNorm.apply(x)));
            x = backend.add(x, layer.mlp.apply(layer.norm.apply(x)));
        }
        return norm.apply(x);
    }

    private Tensor attention(Layer layer, Tensor x) {
        int count = config.patches();
        int width = config.width;
        int size = width / config.heads;
        List<Tensor> each = layer.queriesKeysValues.size() == 3
                ? layer.queriesKeysValues.stream()
                        .map(linear -> linear.apply(x))
                        .toList() // [P, E]
                : parts(layer.queriesKeysValues.getFirst().apply(x), width); // [P, E]
        Tensor q = each.get(0).reshape(count, config.heads, size); // [P, H, D]
        Tensor k = each.get(1).reshape(count, config.heads, size); // [P, H, D]
        Tensor v = each.get(2).reshape(count, config.heads, size); // [P, H, D]
        Tensor mixed = pictures.attendAll(q, k, v, (float) (1 / Math.sqrt(size)));
        return layer.output.apply(mixed.reshape(count, width)); // [P, E]
    }

    private List<Tensor> parts(Tensor all, int width) {
        return List.of(
                backend.columns(all, 0, width),
                backend.columns(all, width, 2 * width),
                backend.columns(all, 2 * width, 3 * width));
    }
}
