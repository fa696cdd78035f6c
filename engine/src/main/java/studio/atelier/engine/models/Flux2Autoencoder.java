package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.GroupNorm;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.nn.Stages.Stage;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Window;

/**
 * FLUX.2's autoencoder: a KL autoencoder (Rombach et al. 2022) whose latents are taken two by two as tokens and brought to
 * mean 0 and variance 1 by stored statistics.
 */
public final class Flux2Autoencoder {
    private static final int PATCH = 2;

    private final Config config;
    private final Backend backend;
    private final Stages encoder;
    private final Stages decoder;
    private final float[] means;
    private final float[] deviations;

    /** Sizes, named after {@code config.json}. */
    record Config(List<Integer> channels, int residuals, int latent, int groups, double epsilon) {
        static Config from(Configuration c) throws EngineException {
            List<Integer> channels = c.integers("block_out_channels");
            int groups = c.integerOr(32, "norm_num_groups", 1, Bounds.WIDTH);
            boolean fit = !channels.isEmpty() && channels.size() <= 8;
            for (int width : channels) {
                fit &= width >= 1 && width <= Bounds.WIDTH && width % groups == 0;
            }
            if (!fit) {
                throw new EngineException(
                        EngineException.Reason.CONFIG_INVALID,
                        "config.json: block_out_channels: expected one to eight multiples of " + groups + ", got "
                                + channels + ".");
            }
            return new Config(
                    channels,
                    c.integerOr(2, "layers_per_block", 1, Bounds.LAYERS),
                    c.integer("latent_channels", 1, Bounds.WIDTH),
                    groups,
                    c.number("batch_norm_eps", 1e-4));
        }

        int grids() {
            return channels.size();
        }
    }

    private Flux2Autoencoder(
            Config config, Backend backend, Stages encoder, Stages decoder, float[] means, float[] deviations) {
        this.config = config;
        this.backend = backend;
        this.encoder = encoder;
        this.decoder = decoder;
        this.means = means;
        this.deviations = deviations;
    }

    public static Flux2Autoencoder load(Configuration configuration, PictureModules m) throws EngineException {
        Config c = Config.from(configuration);
        KlModules kl = new KlModules(m, c.groups);
        int numbers = PATCH * PATCH * c.latent;
        float[] means = m.modules().weights().numbers("bn.running_mean", numbers);
        float[] deviations = m.modules().weights().numbers("bn.running_var", numbers);
        for (int i = 0; i < numbers; i++) {
            deviations[i] = (float) Math.sqrt(deviations[i] + c.epsilon);
        }
        m.modules().weights().ignore("bn.num_batches_tracked");
        return new Flux2Autoencoder(
                c,
                m.backend(),
                new Stages(m.backend(), encoder(c, kl)),
                new Stages(m.backend(), decoder(c, kl)),
                means,
                deviations);
    }

    private static List<Stage> encoder(Config c, KlModules kl) throws EngineException {
        PictureModules m = kl.modules();
        List<Stage> stages = new ArrayList<>();
        int in = c.channels.getFirst();
        stages.add(new Stage("conv_in", m.convolution("encoder.conv_in", in, 3, Window.AROUND)::apply));
        for (int grid = 0; grid < c.grids(); grid++) {
            String at = "encoder.down_blocks." + grid;
            int out = c.channels.get(grid);
            for (int i = 0; i < c.residuals; i++) {
                stages.add(kl.residual(at + ".resnets." + i, i == 0 ? in : out, out));
            }
            if (grid < c.grids() - 1) {
                stages.add(new Stage(at, m.convolution(at + ".downsamplers.0.conv", out, out, Window.HALVING)::apply));
            }
            in = out;
        }
        stages.addAll(kl.middle("encoder.mid_block", in));
        GroupNorm norm = m.groupNorm("encoder.conv_norm_out", in, c.groups, KlModules.EPSILON);
        var last = m.convolution("encoder.conv_out", 2 * c.latent, in, Window.AROUND);
        stages.add(new Stage("conv_out", x -> last.apply(norm.apply(x, Activation.SILU))));
        var moments = m.convolution("quant_conv", 2 * c.latent, 2 * c.latent, Window.PIXEL);
        // Of mean and variance only the mean is used: the same picture always gives the same latents.
        stages.add(new Stage("mean", x -> m.backend().columns(moments.apply(x), 0, c.latent)));
        return stages;
    }

    private static List<Stage> decoder(Config c, KlModules kl) throws EngineException {
        PictureModules m = kl.modules();
        List<Stage> stages = new ArrayList<>();
        int in = c.channels.getLast();
        stages.add(new Stage("post_quant", m.convolution("post_quant_conv", c.latent, c.latent, Window.PIXEL)::apply));
        stages.add(new Stage("conv_in", m.convolution("decoder.conv_in", in, c.latent, Window.AROUND)::apply));
        stages.addAll(kl.middle("decoder.mid_block", in));
        for (int block = 0; block < c.grids(); block++) {
            String at = "decoder.up_blocks." + block;
            int out = c.channels.get(c.grids() - 1 - block);
            for (int i = 0; i <= c.residuals; i++) {
                stages.add(kl.residual(at + ".resnets." + i, i == 0 ? in : out, out));
            }
            if (block < c.grids() - 1) {
                var larger = m.convolution(at + ".upsamplers.0.conv", out, out, Window.AROUND);
                stages.add(new Stage(at, x -> larger.apply(m.pictures().doubled(x))));
            }
            in = out;
        }
        GroupNorm norm = m.groupNorm("decoder.conv_norm_out", in, c.groups, KlModules.EPSILON);
        var last = m.convolution("decoder.conv_out", 3, in, Window.AROUND);
        stages.add(new Stage("image", x -> last.apply(norm.apply(x, Activation.SILU))));
        return stages;
    }

    /** Pixels a side that one token stands for. */
    public int pixelsPerToken() {
        return PATCH << config.grids() - 1;
    }

    /** Numbers of a token. */
    public int channels() {
        return PATCH * PATCH * config.latent;
    }

    /**
     * A picture's tokens, row by row.
     *
     * @param pixels {@code [height, width, 3]} from -1 to 1, both sides multiples of {@link #pixelsPerToken}
     */
    public float[] encode(float[] pixels, int height, int width, Stages.Watcher watcher) {
        int step = pixelsPerToken();
        if (height % step != 0 || width % step != 0) {
            throw new IllegalArgumentException(
                    "picture: expected sides in steps of " + step + ", got " + height + " × " + width);
        }
        Tensor mean = encoder.run(backend.upload(Shape.of(height, width, 3), pixels), watcher); // [Y/8, X/8, C]
        float[] latents = new float[mean.shape().size()];
        mean.copyTo(latents);
        float[] tokens = packed(latents, width / step);
        for (int i = 0; i < tokens.length; i++) {
            int c = i % channels();
            tokens[i] = (tokens[i] - means[c]) / deviations[c];
        }
        return tokens;
    }

    /**
     * The picture of tokens.
     *
     * @param tokens {@code [rows * columns, channels]}
     * @return {@code [Y, X, 3]}, lasting
     */
    public Tensor decode(float[] tokens, int rows, int columns, Stages.Watcher watcher) {
        if (tokens.length != rows * columns * channels()) {
            throw new IllegalArgumentException(
                    "tokens: expected " + rows + " × " + columns + " × " + channels() + ", got " + tokens.length);
        }
        float[] scaled = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            int c = i % channels();
            scaled[i] = tokens[i] * deviations[c] + means[c];
        }
        float[] latents = unpacked(scaled, columns);
        Tensor latent =
                backend.upload(Shape.of(PATCH * rows, PATCH * columns, config.latent), latents); // [Y/8, X/8, C]
        watcher.reached("latent", latent);
        return decoder.run(latent, watcher);
    }

    /** Four neighbours become a token; its numbers are ordered channel, row, column. */
    private float[] packed(float[] latents, int columns) {
        float[] tokens = new float[latents.length];
        for (int at = 0; at < tokens.length; at++) {
            tokens[at] = latents[latentAt(at, columns)];
        }
        return tokens;
    }

    private float[] unpacked(float[] tokens, int columns) {
        float[] latents = new float[tokens.length];
        for (int at = 0; at < tokens.length; at++) {
            latents[latentAt(at, columns)] = tokens[at];
        }
        return latents;
    }

    /** Where the number of a token lies among the latents {@code [2 rows, 2 columns, C]}. */
    private int latentAt(int at, int columns) {
        int token = at / channels();
        int within = at % channels();
        int channel = within / (PATCH * PATCH);
        int y = token / columns * PATCH + within / PATCH % PATCH;
        int x = token % columns * PATCH + within % PATCH;
        return (y * columns * PATCH + x) * config.latent + channel;
    }
}
