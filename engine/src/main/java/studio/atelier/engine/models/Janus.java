package studio.atelier.engine.models;

import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Projector;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.RenamedWeights;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;

/**
 * Janus and Janus-Pro (2410.13848, 2501.17811): a Llama that writes pictures as it writes text, code by code, through a
 * head and an embedding of their own, and looks at pictures through SigLIP.
 */
public final class Janus {
    private final Decoder language;
    private final Backend backend;
    private final PictureOperations pictures;
    private final Weight codeEmbedding;
    private final Projector codeAligner;
    private final Projector codeHead;
    private final VqDecoder decoder;
    private final VqEncoder encoder;
    private final SigLip eye;
    private final Projector eyeAligner;
    private final JanusConfig config;

    private Janus(
            JanusConfig config,
            Decoder language,
            PictureModules modules,
            Weight codeEmbedding,
            Projector codeAligner,
            Projector codeHead,
            VqDecoder decoder,
            VqEncoder encoder,
            SigLip eye,
            Projector eyeAligner) {
        this.config = config;
        this.language = language;
        this.backend = modules.backend();
        this.pictures = modules.pictures();
        this.codeEmbedding = codeEmbedding;
        this.codeAligner = codeAligner;
        this.codeHead = codeHead;
        this.decoder = decoder;
        this.encoder = encoder;
        this.eye = eye;
        this.eyeAligner = eyeAligner;
    }

    /** Makes the model of a {@code multi_modality} configuration, or of the {@code janus} that Hugging Face makes of it. */
    public static Janus load(Configuration configuration, Modules given) throws EngineException {
        JanusConfig c = JanusConfig.from(configuration);
        Modules base = c.converted()
                ? new Modules(given.backend(), new RenamedWeights(given.weights(), JanusNames::converted))
                : given;
        PictureModules modules = PictureModules.over(base);
        Decoder language = Llama.load(
                JanusConfig.language(configuration),
                modules.part("language_model.").modules());
        int hidden = language.embedding().columns();
        int headSize = c.headSize() == 0 ? hidden : c.headSize();
        PictureModules vq = modules.part("gen_vision_model.");
        base.weights().ignore("gen_vision_model.quantize.codebook_used");
        VqDecoder decoder = VqDecoder.load(c.vq(), vq);
        return new Janus(
                c,
                language,
                modules,
                base.weights().matrix("gen_embed", c.codes(), c.codeSize()),
                modules.projector(
                        "gen_aligner.layers.0", "gen_aligner.layers.2", c.codeSize(), hidden, hidden, Activation.GELU),
                modules.projector(
                        "gen_head.output_mlp_projector",
                        "gen_head.vision_head",
                        hidden,
                        headSize,
                        c.codes(),
                        Activation.GELU),
                decoder,
                VqEncoder.load(c.vq(), vq, decoder),
                SigLip.load(c.eye(), c.converted(), modules.part("vision_model.vision_tower.")),
                modules.projector(
                        "aligner.layers.0", "aligner.layers.2", c.eye().width(), hidden, hidden, Activation.GELU));
    }

    /** The language model alone. Its caches are those of all methods here. */
    public CausalModel language() {
        return language;
    }

    /** Entries of the code book; rows of logits for codes have this length. */
    public int codes() {
        return config.codes();
    }

    /** Codes a side of a picture. */
    public int grid() {
        return config.pixels() / decoder.pixelsPerCode();
    }

    /** Pixels a side of a picture. */
    public int pixels() {
        return config.pixels();
    }

    public VqDecoder decoder() {
        return decoder;
    }

    public VqEncoder encoder() {
        return encoder;
    }

    /** Places in the text for a picture that is looked at. */
    public int seenTokens() {
        return config.eye().patches();
    }

    /**
     * Reads a prompt up to the beginning of a picture.
     *
     * @param tokens {@code [L]}
     * @param logits receives {@code [codes]}: which code may come first
     */
    public void readPrompt(int[] tokens, KvCache cache, float[] logits) {
        try (Pass _ = backend.beginPass()) {
            chooseCode(backend.gather(language.embedding(), tokens), cache, logits); // [L, E]
        }
        cache.advance(tokens.length);
    }

    /** Reads a code of the picture; {@code logits} receives what may follow. */
    public void readCode(int code, KvCache cache, float[] logits) {
        try (Pass _ = backend.beginPass()) {
            chooseCode(codeAligner.apply(backend.gather(codeEmbedding, new int[] {code})), cache, logits); // [1, E]
        }
        cache.advance(1);
    }

    private void chooseCode(Tensor x, KvCache cache, float[] logits) {
        codeHead.apply(lastHidden(x, cache)).copyTo(logits); // [1, codes]
    }

    /** The state after the last position, behind the final norm. */
    private Tensor lastHidden(Tensor embedded, KvCache cache) {
        Tensor x = embedded;
        Batch batch = Batch.of(cache, x.shape().axis(0));
        for (int i = 0; i < language.blocks().size(); i++) {
            x = language.blocks().get(i).forward(x, batch, i);
        }
        return language.norm().apply(backend.lastRows(x, 1)); // [1, E]
    }

    /**
     * Reads a text with a picture in it.
     *
     * @param before tokens before the picture, at least one
     * @param pixels {@code [Y, X, 3]} from -1 to 1, {@link #pixels} a side
     * @param after tokens behind it, at least one
     * @param logits receives {@code [V]}: the first token of the answer
     */
    public void readPicture(int[] before, float[] pixels, int[] after, KvCache cache, float[] logits) {
        try (Pass _ = backend.beginPass()) {
            Tensor x = pictures.stack(List.of(
                    backend.gather(language.embedding(), before),
                    seen(pixels),
                    backend.gather(language.embedding(), after))); // [L, E]
            language.head().apply(lastHidden(x, cache)).copyTo(logits); // [1, V]
        }
        cache.advance(before.length + seenTokens() + after.length);
    }

    private Tensor seen(float[] pixels) {
        return eyeAligner.apply(eye.look(pixels)); // [P, E]
    }

    /** What is seen of a picture, {@code [patches, E]}, and how the language model is told, for comparing engines. */
    public Seen look(float[] pixels) {
        try (Pass _ = backend.beginPass()) {
            Tensor looked = eye.look(pixels);
            return new Seen(floats(looked), floats(eyeAligner.apply(looked)));
        }
    }

    /** Two tables of one row per patch. */
    public record Seen(float[] features, float[] aligned) {}

    private static float[] floats(Tensor tensor) {
        float[] numbers = new float[tensor.shape().size()];
        tensor.copyTo(numbers);
        return numbers;
    }
}
