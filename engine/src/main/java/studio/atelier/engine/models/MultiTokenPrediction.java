package studio.atelier.engine.models;

import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.nn.Linear;
import studio.atelier.engine.nn.RmsNorm;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;

/**
 * Predicts the token after the next from a position's hidden state and the next token (DeepSeek-V3, 2412.19437, section
 * 2.2). The hidden state is the one after the final norm: that is what the released layers' users feed, and what the
 * starter model was trained on; {@code studio bench starter --speculation} compares both.
 *
 * @param decoder the model that it belongs to
 * @param embedding copy of the main embedding
 * @param afterNorm whether hidden states come from behind the decoder's final norm
 * @param join from the two normed halves, embedding first, to {@code [L, E]}
 */
record MultiTokenPrediction(
        Decoder decoder,
        boolean afterNorm,
        Weight embedding,
        RmsNorm embeddingNorm,
        RmsNorm hiddenNorm,
        Linear join,
        Block block,
        RmsNorm norm,
        Linear head)
        implements Drafter {
    @Override
    public int hiddenSize() {
        return embedding.columns();
    }

    @Override
    public KvCache newCache() {
        return KvCache.of(1, decoder.newLayerCache());
    }

    @Override
    public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits, float[] hidden, int at) {
        decoder.forward(tokens, Batch.of(cache, tokens.length), rows, logits, hidden, at, afterNorm);
    }

    @Override
    public Drafter readingBeforeNorm() {
        return new MultiTokenPrediction(decoder, false, embedding, embeddingNorm, hiddenNorm, join, block, norm, head);
    }

    @Override
    public void draft(float[] hidden, int at, int[] next, KvCache cache, float[] logits) {
        int before = cache.length();
        try {
            read(hidden, at, next, cache, logits);
        } catch (RuntimeException | Error e) {
            cache.truncate(before);
            throw e;
        }
    }

    /** Of all rows but the last, and of all where no logits are wanted, only what attention remembers is computed. */
    private void read(float[] hidden, int at, int[] next, KvCache cache, float[] logits) {
        Backend backend = decoder.backend();
        int count = next.length;
        boolean wanted = logits.length > 0;
        try (Pass _ = backend.beginPass()) {
            Tensor embedded = embeddingNorm.apply(backend.gather(embedding, next)); // [L, E]
            Tensor state = hiddenNorm.apply(backend.bring(hidden, at, count, hiddenSize())); // [L, E]
            Tensor x = join.apply(backend.concatenate(embedded, state)); // [L, E]
            if (count > 1 || !wanted) {
                block.remember(x, Batch.of(cache, count), 0);
            }
            if (wanted) {
                cache.advance(count - 1);
                Tensor y = block.forward(backend.lastRows(x, 1), Batch.of(cache, 1), 0); // [1, E]
                head.apply(norm.apply(y)).copyTo(logits); // [1, V]
            }
        }
        cache.advance(wanted ? 1 : count);
    }
}
