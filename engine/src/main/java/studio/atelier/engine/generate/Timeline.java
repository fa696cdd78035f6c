package studio.atelier.engine.generate;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.StoppedException;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;

/**
 * A KV cache and the tokens that it holds: one line of text that grows, and is cut back where a new prompt parts from it.
 *
 * <p>Belongs to the engine thread.
 */
public final class Timeline {
    private final CausalModel model;
    private final int limitTokens;
    private final float[] logits;
    private KvCache cache;
    private BooleanSupplier stopped = () -> false;
    private int[] tokens = new int[256];
    private int length;

    /**
     * An empty timeline.
     *
     * @param model computes
     * @param limitTokens most tokens it may hold
     */
    public Timeline(CausalModel model, int limitTokens) {
        this.model = model;
        this.limitTokens = limitTokens;
        this.logits = new float[model.vocabularySize()];
        this.cache = model.newCache();
    }

    /** Tokens held. */
    public int length() {
        return length;
    }

    /** Most tokens that may be held. */
    public int limitTokens() {
        return limitTokens;
    }

    /**
     * Keeps the longest beginning that this prompt shares and drops the rest.
     *
     * @return tokens that need not be read again; at least one of the prompt is always left to read, because its logits
     *     are wanted
     */
    public int reuse(int[] prompt) {
        int most = Math.min(length, prompt.length - 1);
        int common = Arrays.mismatch(tokens, 0, most, prompt, 0, most);
        int shared = common < 0 ? most : common;
        cut(shared);
        return shared;
    }

    /** Asked between layers whether to give up on what is being read; {@link #extend} then throws. */
    public void stopWhen(BooleanSupplier unwanted) {
        stopped = unwanted;
        cache.stopWhen(unwanted);
    }

    /**
     * Reads tokens {@code [from, to)} of an array behind those held.
     *
     * @return the logits {@code [V]} after the last of them; the same array every time
     * @throws StoppedException when they are wanted no more; the timeline is as it was
     */
    public float[] extend(int[] source, int from, int to) {
        int[] added = Arrays.copyOfRange(source, from, to);
        if (length + added.length > limitTokens) {
            throw new IllegalArgumentException(
                    "timeline: expected at most " + limitTokens + " tokens, got " + (length + added.length));
        }
        try {
            model.forward(added, cache, LogitRows.LAST, logits);
        } catch (StoppedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // What the layers hold may differ now; nothing of it may be reused.
            reset();
            throw e;
        }
        remember(added);
        return logits;
    }

    private void cut(int kept) {
        cache.truncate(kept);
        length = kept;
    }

    private void reset() {
        cache = model.newCache();
        cache.stopWhen(stopped);
        length = 0;
    }

    private void remember(int[] added) {
        if (length + added.length > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(length + added.length, 2 * tokens.length));
        }
        System.arraycopy(added, 0, tokens, length, added.length);
        length += added.length;
    }
}
