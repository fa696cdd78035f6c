package studio.atelier.engine.models;

import java.util.Optional;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.tensor.Best;

/** A language model: tokens in, logits of what may follow out. Belongs to the engine thread. */
public interface CausalModel {
    /** Number of tokens V; logits have this length. */
    int vocabularySize();

    /** Most positions it was made for. */
    int maxPositions();

    /** An empty cache of the kind this architecture needs. */
    KvCache newCache();

    /** What guesses tokens ahead, when the model carries it. */
    default Optional<Drafter> drafter() {
        return Optional.empty();
    }

    /**
     * Reads tokens behind those in the cache and adds them to it.
     *
     * @param tokens {@code [L]}, at least one, each below {@link #vocabularySize()}
     * @param logits receives {@code [V]} or {@code [L, V]}
     * @throws studio.atelier.engine.cache.StoppedException when the cache says that nobody wants them; it then holds
     *     what it held before
     */
    void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits);

    /** Whether {@link #forwardBest} costs less than bringing all logits over. */
    default boolean choosesBest() {
        return false;
    }

    /**
     * As {@link #forward}, of the last position only the largest logits.
     *
     * @param best receives {@code [2, count]}: logits, the largest first and of equals the lowest token, then their tokens
     */
    default void forwardBest(int[] tokens, KvCache cache, int count, float[] best) {
        float[] logits = new float[vocabularySize()];
        forward(tokens, cache, LogitRows.LAST, logits);
        System.arraycopy(Best.of(logits, count), 0, best, 0, 2 * count);
    }

    /** Whether {@link #forwardTogether} can be called. */
    default boolean readsTogether() {
        return false;
    }

    /**
     * Reads one token behind each of several texts in one pass, so that each weight is read once for all of them. Every
     * text's logits are what they would be alone.
     *
     * @param tokens {@code [B]}, one for each text of the batch
     * @param logits receives {@code [B, V]}
     * @param hidden receives the hidden states {@code [B, E]} that the drafter reads; empty when they are not wanted
     * @throws studio.atelier.engine.cache.StoppedException when nobody wants any of them
     */
    default void forwardTogether(int[] tokens, Batch batch, float[] logits, float[] hidden) {
        throw new UnsupportedOperationException("this model reads one text at a time");
    }
}
