package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.Convolution;
import studio.atelier.engine.nn.LayerNorm;
import studio.atelier.engine.nn.Linear;
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
            int heads = c.integerOr(16, "heads", 1, Bounds.HEADS);
            int patch = c.integerOr(16, "patch", 1, pixels);
            if (width % heads != 0 || pixels % patch != 0) {
                throw new EngineException(
                        EngineException.Reason.CONFIG_INVALID,
                        "config.json: vision_config: " + heads + " heads must divide " + width + ", and patches of "
                                + patch + " pixels a picture of " + pixels + ".");
            }
            int layers = c.integerOr(24, "layers", 1, Bounds.LAYERS);
            return new Config(
                    pixels, patch, width, layers, heads, c.integerOr(4 * width, "mlp_hidden", 1, Bounds.WIDTH));
        }

        int patches() {
            return pixels / patch * (pixels / patch);
        }
    }

    private record Layer(
            LayerNorm attentionNorm, Linear queriesKeysValues, Linear output, LayerNorm norm, Projector mlp) {}

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

    static SigLip load(Config c, PictureModules modules) throws EngineException {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < c.layers; i++) {
            String at = "blocks." + i;
            layers.add(new Layer(
                    modules.layerNorm(at + ".norm1", c.width, EPSILON),
                    modules.modules().linear(at + ".attn.qkv", 3 * c.width, c.width),
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
                modules.modules().vector("pos_embed", 1, c.patches(), c.width),
                layers,
                modules.layerNorm("norm", c.width, EPSILON));
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
        Tensor all = layer.queriesKeysValues.apply(x); // [P, 3E]
        Tensor q = backend.columns(all, 0, width).reshape(count, config.heads, size); // [P, H, D]
        Tensor k = backend.columns(all, width, 2 * width).reshape(count, config.heads, size); // [P, H, D]
        Tensor v = backend.columns(all, 2 * width, 3 * width).reshape(count, config.heads, size); // [P, H, D]
        Tensor mixed = pictures.attendAll(q, k, v, (float) (1 / Math.sqrt(size)));
        return layer.output.apply(mixed.reshape(count, width)); // [P, E]
    }
}
