package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.LayerNorm;
import studio.atelier.engine.nn.Linear;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Projector;
import studio.atelier.engine.nn.RmsNorm;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * The transformer of FLUX.2 (Black Forest Labs 2025): text and picture in streams of their own, then in one, all under
 * modulations that the time alone decides. Names as in diffusers.
 */
public final class Flux2Transformer {
    private final Config config;
    private final Backend backend;
    private final PictureOperations pictures;
    private final Linear pictureIn;
    private final Linear textIn;
    private final Projector time;
    private final Linear pictureModulation;
    private final Linear textModulation;
    private final Linear singleModulation;
    private final List<DoubleBlock> doubleBlocks;
    private final List<SingleBlock> singleBlocks;
    private final LayerNorm norm;
    private final Linear lastModulation;
    private final Linear out;

    /**
     * Sizes, named after {@code config.json}.
     *
     * @param channels of a picture's token
     * @param text numbers of a text's row
     * @param timeChannels cosines and sines of the time
     * @param axes numbers of a head that turn with each of time, row, column and place in the text
     */
    record Config(
            int channels,
            int layers,
            int singleLayers,
            int heads,
            int headSize,
            int text,
            int timeChannels,
            int inner,
            List<Integer> axes,
            double theta,
            float epsilon) {
        static Config from(Configuration c) throws EngineException {
            int heads = c.integer("num_attention_heads", 1, Bounds.HEADS);
            int headSize = c.integer("attention_head_dim", 2, Bounds.WIDTH / heads);
            List<Integer> axes = c.integers("axes_dims_rope");
            int sum = 0;
            for (int axis : axes) {
                sum = axis < 2 || axis % 2 != 0 || axis > headSize ? Integer.MIN_VALUE : sum + axis;
            }
            if (axes.size() != 4 || sum != headSize) {
                throw invalid(
                        "axes_dims_rope: expected four even numbers that add up to " + headSize + ", got " + axes);
            }
            if (c.flag("guidance_embeds", false)) {
                throw invalid("guidance_embeds: models that take their guidance as a number, such as FLUX.2 dev, can't"
                        + " be run yet; FLUX.2 klein can");
            }
            double ratio = c.number("mlp_ratio", 3);
            if (!(ratio > 0 && ratio <= 64)) {
                throw invalid("mlp_ratio: expected more than 0, at most 64, got " + ratio);
            }
            return new Config(
                    c.integer("in_channels", 1, Bounds.WIDTH),
                    c.integer("num_layers", 1, Bounds.LAYERS),
                    c.integer("num_single_layers", 0, Bounds.LAYERS),
                    heads,
                    headSize,
                    c.integer("joint_attention_dim", 1, Bounds.WIDTH),
                    c.integerOr(256, "timestep_guidance_channels", 2, Bounds.WIDTH),
                    (int) (heads * headSize * ratio),
                    axes,
                    c.number("rope_theta", 2000),
                    (float) c.number("eps", 1e-6));
        }

        private static EngineException invalid(String what) {
            return new EngineException(EngineException.Reason.CONFIG_INVALID, "config.json: " + what + ".");
        }

        int width() {
            return heads * headSize;
        }
    }

    /** One stream's half of a double block. */
    private record Stream(
            Linear queries,
            Linear keys,
            Linear values,
            RmsNorm queryNorm,
            RmsNorm keyNorm,
            Linear output,
            Linear feedIn,
            Linear feedOut) {}

    private record DoubleBlock(Stream picture, Stream text) {}

    private record SingleBlock(Linear in, RmsNorm queryNorm, RmsNorm keyNorm, Linear out) {}

    /** Shift, scale and gate of one half of a block, {@code [E]} each. */
    private record Modulation(Tensor shift, Tensor scale, Tensor gate) {}

    private Flux2Transformer(Config c, PictureModules m, List<DoubleBlock> doubleBlocks, List<SingleBlock> singleBlocks)
            throws EngineException {
        int width = c.width();
        this.config = c;
        this.backend = m.backend();
        this.pictures = m.pictures();
        this.pictureIn = m.modules().linear("x_embedder", width, c.channels);
        this.textIn = m.modules().linear("context_embedder", width, c.text);
        String at = "time_guidance_embed.timestep_embedder.";
        this.time = m.projector(at + "linear_1", at + "linear_2", c.timeChannels, width, width, Activation.SILU);
        this.pictureModulation = m.modules().linear("double_stream_modulation_img.linear", 6 * width, width);
        this.textModulation = m.modules().linear("double_stream_modulation_txt.linear", 6 * width, width);
        this.singleModulation = m.modules().linear("single_stream_modulation.linear", 3 * width, width);
        this.doubleBlocks = List.copyOf(doubleBlocks);
        this.singleBlocks = List.copyOf(singleBlocks);
        this.norm = new LayerNorm(m.pictures(), Optional.empty(), Optional.empty(), c.epsilon);
        this.lastModulation = m.modules().linear("norm_out.linear", 2 * width, width);
        this.out = m.modules().linear("proj_out", c.channels, width);
    }

    public static Flux2Transformer load(Configuration configuration, PictureModules m) throws EngineException {
        Config c = Config.from(configuration);
        List<DoubleBlock> doubleBlocks = new ArrayList<>();
        for (int i = 0; i < c.layers; i++) {
            String at = "transformer_blocks." + i;
            doubleBlocks.add(new DoubleBlock(
                    stream(c, m, at + ".attn.", "to_q", "to_k", "to_v", "norm_q", "norm_k", "to_out.0", at + ".ff"),
                    stream(
                            c,
                            m,
                            at + ".attn.",
                            "add_q_proj",
                            "add_k_proj",
                            "add_v_proj",
                            "norm_added_q",
                            "norm_added_k",
                            "to_add_out",
                            at + ".ff_context")));
        }
        List<SingleBlock> singleBlocks = new ArrayList<>();
        int width = c.width();
        for (int i = 0; i < c.singleLayers; i++) {
            String at = "single_transformer_blocks." + i + ".attn.";
            singleBlocks.add(new SingleBlock(
                    m.modules().linear(at + "to_qkv_mlp_proj", 3 * width + 2 * c.inner, width),
                    m.modules().norm(at + "norm_q", c.headSize, c.epsilon),
                    m.modules().norm(at + "norm_k", c.headSize, c.epsilon),
                    m.modules().linear(at + "to_out", width, width + c.inner)));
        }
        return new Flux2Transformer(c, m, doubleBlocks, singleBlocks);
    }

    private static Stream stream(
            Config c,
            PictureModules m,
            String at,
            String q,
            String k,
            String v,
            String qNorm,
            String kNorm,
            String output,
            String feed)
            throws EngineException {
        int width = c.width();
        return new Stream(
                m.modules().linear(at + q, width, width),
                m.modules().linear(at + k, width, width),
                m.modules().linear(at + v, width, width),
                m.modules().norm(at + qNorm, c.headSize, c.epsilon),
                m.modules().norm(at + kNorm, c.headSize, c.epsilon),
                m.modules().linear(at + output, width, width),
                m.modules().linear(feed + ".linear_in", 2 * c.inner, width),
                m.modules().linear(feed + ".linear_out", width, c.inner));
    }

    /** Numbers of a picture's token. */
    public int channels() {
        return config.channels;
    }

    /** Numbers of a text's row. */
    public int textWidth() {
        return config.text;
    }

    /** Double and single blocks, for progress. */
    public int blocks() {
        return config.layers + config.singleLayers;
    }

    /**
     * The rotations of positions.
     *
     * @param positions time, row, column and place in the text of each token, {@code [L, 4]}
     */
    public RotaryTable rotations(int[] positions) {
        int rows = positions.length / 4;
        int pairs = config.headSize / 2;
        float[] cosines = new float[rows * pairs];
        float[] sines = new float[rows * pairs];
        for (int row = 0; row < rows; row++) {
            int at = row * pairs;
            for (int axis = 0; axis < 4; axis++) {
                int size = config.axes.get(axis);
                for (int i = 0; i < size / 2; i++) {
                    double angle = positions[4 * row + axis] * Math.pow(config.theta, -2.0 * i / size);
                    cosines[at] = (float) Math.cos(angle);
                    sines[at++] = (float) Math.sin(angle);
                }
            }
        }
        return new RotaryTable(cosines, sines, pairs);
    }

    /** What the time does to all blocks, {@code [E]}: for comparing engines. */
    public float[] timeEmbedding(double timestep) {
        Tensor embedded = Stages.once(backend, () -> time.apply(waves(timestep))); // [1, E]
        float[] numbers = new float[config.width()];
        embedded.copyTo(numbers);
        return numbers;
    }

    /** The time as cosines and sines of falling frequency (Vaswani et al. 2017, section 3.5). */
    private Tensor waves(double timestep) {
        int half = config.timeChannels / 2;
        float[] waves = new float[2 * half];
        for (int i = 0; i < half; i++) {
            double angle = timestep * Math.pow(10_000, -(double) i / half);
            waves[i] = (float) Math.cos(angle);
            waves[half + i] = (float) Math.sin(angle);
        }
        return backend.upload(Shape.of(1, waves.length), waves);
    }

    /**
     * Where the picture flows.
     *
     * @param picture tokens, those of references behind the picture's own, {@code [N, channels]}
     * @param text {@code [T, textWidth]}
     * @param positions rotations of text, then picture
     * @param sigma noise left, 0 to 1
     * @param watcher told after each block; it may throw to stop
     * @return {@code [N, channels]}
     */
    public float[] velocity(
            float[] picture, float[] text, RotaryTable positions, double sigma, Stages.Watcher watcher) {
        int count = picture.length / config.channels;
        int texts = text.length / config.text;
        Tensor vector = Stages.once(
                backend, () -> pictures.activate(time.apply(waves(sigma * 1000)), Activation.SILU)); // [1, E]
        Tensor tokens = backend.upload(Shape.of(count, config.channels), picture);
        Tensor words = backend.upload(Shape.of(texts, config.text), text);
        Tensor x = Stages.once(
                backend, () -> pictures.stack(List.of(textIn.apply(words), pictureIn.apply(tokens)))); // [T + N, E]
        for (int i = 0; i < doubleBlocks.size(); i++) {
            DoubleBlock block = doubleBlocks.get(i);
            Tensor before = x;
            x = Stages.once(backend, () -> doubled(block, before, texts, vector, positions));
            watcher.reached("double" + i, x);
        }
        for (int i = 0; i < singleBlocks.size(); i++) {
            SingleBlock block = singleBlocks.get(i);
            Tensor before = x;
            x = Stages.once(backend, () -> single(block, before, vector, positions));
            watcher.reached("single" + i, x);
        }
        Tensor both = x;
        Tensor result = Stages.once(backend, () -> last(pictures.rows(both, texts, texts + count), vector)); // [N, C]
        float[] numbers = new float[result.shape().size()];
        result.copyTo(numbers);
        return numbers;
    }

    private Modulation modulation(Tensor all, int set) {
        int width = config.width();
        int at = 3 * width * set;
        return new Modulation(
                backend.columns(all, at, at + width),
                backend.columns(all, at + width, at + 2 * width),
                backend.columns(all, at + 2 * width, at + 3 * width));
    }

    private Tensor modulated(Tensor x, Modulation by) {
        return pictures.modulate(norm.apply(x), by.shift, by.scale);
    }

    private Tensor heads(Tensor x) {
        return x.reshape(x.shape().axis(0), config.heads, config.headSize); // [L, H, D]
    }

    private Tensor doubled(DoubleBlock block, Tensor both, int texts, Tensor vector, RotaryTable positions) {
        Tensor y = pictures.rows(both, 0, texts); // [T, E]
        Tensor x = pictures.rows(both, texts, both.shape().axis(0)); // [N, E]
        Tensor textSets = textModulation.apply(vector); // [1, 6E]
        Tensor pictureSets = pictureModulation.apply(vector); // [1, 6E]
        Tensor yIn = modulated(y, modulation(textSets, 0));
        Tensor xIn = modulated(x, modulation(pictureSets, 0));
        Tensor q = joined(
                block.text.queryNorm.apply(heads(block.text.queries.apply(yIn))),
                block.picture.queryNorm.apply(heads(block.picture.queries.apply(xIn)))); // [T + N, H, D]
        Tensor k = joined(
                block.text.keyNorm.apply(heads(block.text.keys.apply(yIn))),
                block.picture.keyNorm.apply(heads(block.picture.keys.apply(xIn)))); // [T + N, H, D]
        Tensor v = joined(heads(block.text.values.apply(yIn)), heads(block.picture.values.apply(xIn))); // [T + N, H, D]
        Tensor mixed = attended(q, k, v, positions); // [T + N, E]
        Tensor yNext = fed(
                block.text,
                pictures.addGated(
                        y, modulation(textSets, 0).gate, block.text.output.apply(pictures.rows(mixed, 0, texts))),
                modulation(textSets, 1));
        Tensor xNext = fed(
                block.picture,
                pictures.addGated(
                        x,
                        modulation(pictureSets, 0).gate,
                        block.picture.output.apply(
                                pictures.rows(mixed, texts, mixed.shape().axis(0)))),
                modulation(pictureSets, 1));
        return pictures.stack(List.of(yNext, xNext)); // [T + N, E]
    }

    private Tensor joined(Tensor text, Tensor picture) {
        return pictures.stack(List.of(text, picture));
    }

    private Tensor attended(Tensor q, Tensor k, Tensor v, RotaryTable positions) {
        pictures.rotate(q, positions);
        pictures.rotate(k, positions);
        float scale = (float) (1 / Math.sqrt(config.headSize));
        return pictures.attendAll(q, k, v, scale).reshape(q.shape().axis(0), config.width()); // [L, E]
    }

    private Tensor fed(Stream stream, Tensor x, Modulation by) {
        Tensor inner = swiGlu(stream.feedIn.apply(modulated(x, by)), 0); // [L, F]
        return pictures.addGated(x, by.gate, stream.feedOut.apply(inner));
    }

    /** Gate and up stand side by side from a column on. */
    private Tensor swiGlu(Tensor both, int from) {
        int middle = from + config.inner;
        return backend.gate(
                new Gating.SwiGlu(),
                backend.columns(both, from, middle),
                backend.columns(both, middle, middle + config.inner));
    }

    private Tensor single(SingleBlock block, Tensor x, Tensor vector, RotaryTable positions) {
        int width = config.width();
        Modulation by = modulation(singleModulation.apply(vector), 0);
        Tensor all = block.in.apply(modulated(x, by)); // [L, 3E + 2F]
        Tensor q = block.queryNorm.apply(heads(backend.columns(all, 0, width))); // [L, H, D]
        Tensor k = block.keyNorm.apply(heads(backend.columns(all, width, 2 * width))); // [L, H, D]
        Tensor v = heads(backend.columns(all, 2 * width, 3 * width)); // [L, H, D]
        Tensor mixed = attended(q, k, v, positions); // [L, E]
        Tensor inner = swiGlu(all, 3 * width); // [L, F]
        return pictures.addGated(x, by.gate, block.out.apply(backend.concatenate(mixed, inner)));
    }

    private Tensor last(Tensor x, Tensor vector) {
        int width = config.width();
        Tensor both = lastModulation.apply(vector); // [1, 2E]
        // Here the scale comes first.
        Tensor scale = backend.columns(both, 0, width);
        Tensor shift = backend.columns(both, width, 2 * width);
        return out.apply(pictures.modulate(norm.apply(x), shift, scale)); // [N, channels]
    }
}
