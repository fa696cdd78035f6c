package studio.atelier.engine.models;

import studio.atelier.engine.cache.KvCache;

/**
 * What a model carries to guess the token after the next: a layer that reads the model's own hidden states. Belongs to
 * the engine thread.
 */
public interface Drafter {
    /** Elements E of a hidden state. */
    int hiddenSize();

    /** The same layer, given the hidden states as they are before the final norm: for comparing. */
    default Drafter readingBeforeNorm() {
        return this;
    }

    /** An empty cache of the drafting layer; its row {@code i} joins position {@code i} and the token behind it. */
    KvCache newCache();

    /**
     * As {@link CausalModel#forward}, and leaves each row's hidden state.
     *
     * @param hidden receives {@code [L, E]} from element {@code at} on
     */
    void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits, float[] hidden, int at);

    /**
     * Reads hidden states and the token behind each, and adds them to the drafting layer's cache.
     *
     * @param hidden {@code [count, E]} from element {@code at} on
     * @param next {@code [count]}
     * @param logits receives {@code [V]} of the token after the last of {@code next}; empty when they are not wanted
     */
    void draft(float[] hidden, int at, int[] next, KvCache cache, float[] logits);
}
