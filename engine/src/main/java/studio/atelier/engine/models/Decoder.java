package studio.atelier.engine.models;

import java.util.List;
import java.util.function.Supplier;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.nn.Linear;
import studio.atelier.engine.nn.RmsNorm;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;

/**
 * What all architectures here share: embedding, blocks one after the other, norm, head.
 *
 * @param embedding {@code [V, E]}
 * @param newLayerCache makes the cache of one block
 */
record Decoder(
        Backend backend,
        Weight embedding,
        List<Block> blocks,
        RmsNorm norm,
        Linear head,
        int maxPositions,
        Supplier<LayerCache> newLayerCache)
        implements CausalModel {
    private static final float[] UNWANTED = {};

    @Override
    public int vocabularySize() {
        return embedding.rows();
    }

    @Override
    public KvCache newCache() {
        return KvCache.of(blocks.size(), newLayerCache);
    }

    @Override
    public boolean choosesBest() {
        return backend.choosesBest();
    }

    @Override
    public void forwardBest(int[] tokens, KvCache cache, int count, float[] best) {
        if (wasAgain(tokens, cache, best)) {
            return;
        }
        Batch batch = Batch.of(cache, tokens.length);
        try (Pass _ = backend.beginPass()) {
            Tensor x = backend.lastRows(hidden(tokens, batch), 1); // [1, E]
            backend.best(head.apply(norm.apply(x)), count).copyTo(best); // [2, count]
        }
        batch.advance();
    }

    /** Whether the backend has kept the pass of one token and has done it once more. */
    private boolean wasAgain(int[] tokens, KvCache cache, float[] target) {
        if (tokens.length != 1) {
            return false;
        }
        Batch batch = Batch.of(cache, 1);
        batch.requireWanted();
        boolean again = backend.again(cache, tokens[0], cache.length(), target);
        if (again) {
            batch.advance();
        }
        return again;
    }

    @Override
    public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits) {
        if (wasAgain(tokens, cache, logits)) {
            return;
        }
        forward(tokens, Batch.of(cache, tokens.length), rows, logits, UNWANTED, 0, true);
    }

    @Override
    public boolean readsTogether() {
        return backend.rowOperations().isPresent();
    }

    @Override
    public void forwardTogether(int[] tokens, Batch batch, float[] logits, float[] hidden) {
        forward(tokens, batch, LogitRows.ALL, logits, hidden, 0, true);
    }

    /**
     * As above, and leaves hidden states where they are wanted.
     *
     * @param hidden receives {@code [L, E]} from element {@code at} on; empty when they are not wanted
     * @param afterNorm whether those behind the final norm are wanted
     */
    void forward(int[] tokens, Batch batch, LogitRows rows, float[] logits, float[] hidden, int at, boolean afterNorm) {
        try (Pass _ = backend.beginPass()) {
            Tensor x = hidden(tokens, batch); // [L, E]
            boolean normed = hidden.length > 0 && afterNorm;
            if (normed) {
                x = norm.apply(x);
            }
            if (hidden.length > 0) {
                x.copyTo(hidden, at);
            }
            Tensor wanted = rows == LogitRows.LAST ? backend.lastRows(x, 1) : x; // [1 or L, E]
            head.apply(normed ? wanted : norm.apply(wanted)).copyTo(logits); // [1 or L, V]
        }
        batch.advance();
    }

    /** What the last block leaves: {@code [L, E]}. */
    private Tensor hidden(int[] tokens, Batch batch) {
        Tensor x = backend.gather(embedding, tokens); // [L, E]
        for (int i = 0; i < blocks.size(); i++) {
            batch.requireWanted();
            x = blocks.get(i).forward(x, batch, i);
        }
        return x;
    }
}
