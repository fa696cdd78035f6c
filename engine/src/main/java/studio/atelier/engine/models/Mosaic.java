package studio.atelier.engine.models;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;

/**
 * The starter model of pictures: a Llama whose steps say several things at once. A step is the sum of its tokens'
 * embeddings, and the logits after it stand over all tokens, to be read field by field. How it is trained is told in
 * {@code assets/training/image}.
 */
public final class Mosaic {
    private final Decoder language;
    private final Backend backend;
    private final PictureOperations pictures;

    private Mosaic(Decoder language, Backend backend, PictureOperations pictures) {
        this.language = language;
        this.backend = backend;
        this.pictures = pictures;
    }

    /** Makes the model of a {@code mosaic} configuration. */
    public static Mosaic load(Configuration configuration, Modules base) throws EngineException {
        PictureModules modules = PictureModules.over(base);
        return new Mosaic(Llama.load(configuration, base), base.backend(), modules.pictures());
    }

    /** Its caches are those of {@link #read}. */
    public CausalModel language() {
        return language;
    }

    /**
     * Reads steps.
     *
     * @param steps the tokens of each, at least one
     * @param logits receives {@code [V]}: what may follow the last
     */
    public void read(List<int[]> steps, KvCache cache, float[] logits) {
        Batch batch = Batch.of(cache, steps.size());
        try (Pass _ = backend.beginPass()) {
            List<Tensor> sums = new ArrayList<>();
            for (int[] tokens : steps) {
                sums.add(sum(tokens)); // [1, E]
            }
            Tensor x = sums.size() == 1 ? sums.getFirst() : pictures.stack(sums); // [L, E]
            for (int i = 0; i < language.blocks().size(); i++) {
                batch.requireWanted();
                x = language.blocks().get(i).forward(x, batch, i);
            }
            Tensor last = language.norm().apply(backend.lastRows(x, 1)); // [1, E]
            language.head().apply(last).copyTo(logits); // [1, V]
        }
        batch.advance();
    }

    private Tensor sum(int[] tokens) {
        Tensor sum = backend.gather(language.embedding(), new int[] {tokens[0]});
        for (int i = 1; i < tokens.length; i++) {
            sum = backend.add(sum, backend.gather(language.embedding(), new int[] {tokens[i]}));
        }
        return sum;
    }
}
