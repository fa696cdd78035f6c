package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.GroupedAttention;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.RmsNorm;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;

/**
 * How FLUX.2 klein reads a prompt: a Qwen3 of which three layers' states, side by side, are the text. Padding fills the
 * rows behind the prompt: nobody sees it, but it sees the prompt, and its rows count.
 */
public final class Flux2Text {
    private final Decoder language;
    private final PictureOperations pictures;
    private final List<Integer> layers;

    Flux2Text(Decoder language, PictureOperations pictures, List<Integer> layers) {
        this.language = language;
        this.pictures = pictures;
        this.layers = List.copyOf(layers);
    }

    /**
     * Takes the states behind a quarter, a half and three quarters of the layers.
     *
     * @param pictures of the same backend
     */
    public static Flux2Text load(Configuration configuration, Modules modules, PictureOperations pictures)
            throws EngineException {
        Decoder language = Qwen3.load(configuration, modules);
        int all = language.blocks().size();
        return new Flux2Text(language, pictures, List.of(all / 4, all / 2, all * 3 / 4));
    }

    /** Numbers of a row. */
    public int width() {
        return layers.size() * language.embedding().columns();
    }

    /**
     * Reads a prompt.
     *
     * @param tokens at least one; the prompt, then padding
     * @param real how many of them are the prompt
     * @return {@code [L, width]}
     */
    public float[] read(int[] tokens, int real, Stages.Watcher watcher) {
        if (real < 1 || real > tokens.length) {
            throw new IllegalArgumentException("prompt: expected 1 to " + tokens.length + " tokens, got " + real);
        }
        Backend backend = language.backend();
        List<float[]> kept = new ArrayList<>();
        Tensor x = Stages.once(backend, () -> backend.gather(language.embedding(), tokens)); // [L, E]
        for (int layer = 0; layer < layers.getLast(); layer++) {
            Block block = language.blocks().get(layer);
            Tensor before = x;
            x = Stages.once(backend, () -> through(block, before, real));
            watcher.reached("layer" + layer, x);
            if (layers.contains(layer + 1)) {
                float[] numbers = new float[x.shape().size()];
                x.copyTo(numbers);
                kept.add(numbers);
            }
        }
        return sideBySide(kept, tokens.length);
    }

    private Tensor through(Block block, Tensor x, int real) {
        if (!(block.attention() instanceof GroupedAttention attention)) {
            throw new IllegalStateException("a text encoder has grouped attention, got " + block.attention());
        }
        Backend backend = language.backend();
        Tensor mixed = attended(attention, block.attentionNorm().apply(x), real);
        Tensor next = backend.add(x, mixed);
        return backend.add(
                next, block.feedForward().apply(block.feedForwardNorm().apply(next)));
    }

    /** The prompt looks back as always; the padding behind it looks at the prompt alone, not even at itself. */
    private Tensor attended(GroupedAttention a, Tensor x, int real) {
        Backend backend = language.backend();
        int length = x.shape().axis(0);
        Tensor q = normed(a.queryNorm(), a.queries().apply(x).reshape(length, a.heads(), a.headSize())); // [L, H, D]
        Tensor k = normed(a.keyNorm(), a.keys().apply(x).reshape(length, a.keyHeads(), a.headSize())); // [L, K, D]
        Tensor v = a.values().apply(x).reshape(length, a.keyHeads(), a.headSize()); // [L, K, D]
        backend.rotate(q, a.rope(), 0);
        backend.rotate(k, a.rope(), 0);
        Tensor realKeys = pictures.rows(k, 0, real); // [R, K, D]
        Tensor realValues = pictures.rows(v, 0, real); // [R, K, D]
        float scale = (float) (1 / Math.sqrt(a.headSize()));
        Tensor prompt = backend.attend(
                pictures.rows(q, 0, real),
                lasting(realKeys),
                lasting(realValues),
                Optional.empty(),
                Attending.all(scale),
                0); // [R, H, D]
        Tensor all = real == length
                ? prompt
                : pictures.stack(List.of(
                        prompt, pictures.attendAll(pictures.rows(q, real, length), realKeys, realValues, scale)));
        return a.output().apply(all.reshape(length, a.heads() * a.headSize())); // [L, E]
    }

    private Tensor lasting(Tensor x) {
        Tensor kept = language.backend().allocateLasting(x.shape());
        language.backend().store(x, kept, 0);
        return kept;
    }

    private static Tensor normed(Optional<RmsNorm> norm, Tensor x) {
        return norm.isPresent() ? norm.get().apply(x) : x;
    }

    private float[] sideBySide(List<float[]> states, int length) {
        int width = language.embedding().columns();
        float[] rows = new float[length * width()];
        for (int row = 0; row < length; row++) {
            for (int i = 0; i < states.size(); i++) {
                System.arraycopy(states.get(i), row * width, rows, row * width() + i * width, width);
            }
        }
        return rows;
    }
}
