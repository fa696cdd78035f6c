package studio.atelier.engine.generate;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.StoppedException;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;

/**
 * A KV cache and the tokens that it holds: one line of text that grows, and is cut back where a new prompt parts from it.
 *
 * <p>Where the model carries a layer that drafts, a token may be read together with a guess of the next
 * ({@link #extendWithDraft}); the guess stays or is dropped. Belongs to the engine thread.
 */
public final class Timeline {
    /** Hidden states that are kept before the drafting layer reads them at once. */
    private static final int MOST_WAITING_ROWS = 64;

    private final CausalModel model;
    private final int limitTokens;
    private final int vocabularySize;
    private final float[] logits;
    /** A pass with a draft leaves the logits behind both tokens. */
    private final float[] bothLogits;

    private final @Nullable Drafting drafting;
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
        this.vocabularySize = model.vocabularySize();
        this.drafting = model.drafter()
                .map(drafter -> new Drafting(drafter, vocabularySize))
                .orElse(null);
        this.logits = new float[vocabularySize];
        this.bothLogits = new float[drafting == null ? 0 : 2 * vocabularySize];
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
        if (drafting != null && !drafting.stopped() && shared < length) {
            shared = drafting.kept(shared);
        }
        cut(shared);
        if (shared == 0 && drafting != null) {
            drafting.reset();
        }
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
        read(Arrays.copyOfRange(source, from, to), LogitRows.LAST, logits);
        if (drafting != null) {
            drafting.fill(tokens, length);
        }
        return logits;
    }

    /** As {@link #extend}, and has the next token chosen: from a few logits when those are enough. */
    int choose(int[] source, int from, int to, Sampler sampler) {
        int count = Math.min(sampler.bestCount(), vocabularySize);
        boolean drafts = drafting != null && !drafting.stopped();
        if (count == 0 || drafts || !model.choosesBest()) {
            return sampler.next(extend(source, from, to));
        }
        float[] best = new float[2 * count];
        int[] added = Arrays.copyOfRange(source, from, to);
        read(added, () -> model.forwardBest(added, cache, count, best));
        return sampler.nextOf(best);
    }

    KvCache cache() {
        return cache;
    }

    /** Whether the hidden state behind the next token is wanted. */
    boolean keepsHidden() {
        return drafting != null && !drafting.stopped();
    }

    /** Takes what a pass with other timelines left behind this token: its logits, and its hidden state if it was kept. */
    void accept(int token, float[] all, int logitsAt, float[] states, int stateAt) {
        System.arraycopy(all, logitsAt, logits, 0, vocabularySize);
        if (drafting != null && keepsHidden()) {
            drafting.append(states, stateAt, length);
        }
        remember(token);
        if (drafting != null && drafting.waitingRows() > MOST_WAITING_ROWS) {
            drafting.fill(tokens, length);
            drafting.compact();
        }
    }

    /** The logits {@code [V]} behind the last token that was read; the same array every time. */
    public float[] logits() {
        return logits;
    }

    /** Whether a token can be guessed now. */
    public boolean canDraft() {
        return drafting != null && drafting.ready(length);
    }

    /** Guesses the token behind {@code next}, which is about to be read. */
    public int draft(int next) {
        if (drafting == null) {
            throw new IllegalStateException("this model can't draft");
        }
        return drafting.draft(tokens, length, next);
    }

    /**
     * Reads a token and a guess of the one behind it in one pass.
     *
     * @return the logits {@code [V]} after {@code next}; the same array every time
     */
    public float[] extendWithDraft(int next, int draft) {
        read(new int[] {next, draft}, LogitRows.ALL, bothLogits);
        System.arraycopy(bothLogits, 0, logits, 0, vocabularySize);
        return logits;
    }

    /** The logits {@code [V]} behind the guess that was read last; the same array every time. */
    public float[] logitsBehindDraft() {
        System.arraycopy(bothLogits, vocabularySize, logits, 0, vocabularySize);
        return logits;
    }

    /** Forgets the guess that was read last. */
    public void dropDraft() {
        cut(length - 1);
    }

    /** Drafts no more until the text begins anew. */
    public void stopDrafting() {
        if (drafting != null) {
            drafting.stop();
        }
    }

    private void read(int[] added, LogitRows rows, float[] into) {
        read(added, () -> {
            if (drafting == null || drafting.stopped()) {
                model.forward(added, cache, rows, into);
            } else {
                if (drafting.waitingRows() > 1) {
                    drafting.fill(tokens, length);
                }
                drafting.forward(added, length, cache, rows, into);
            }
        });
    }

    private void read(int[] added, Runnable forward) {
        requireRoom(added.length);
        try {
            forward.run();
        } catch (StoppedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // What the layers hold may differ now; nothing of it may be reused.
            reset();
            throw e;
        }
        remember(added);
    }

    void requireRoom(int more) {
        if (length + more > limitTokens) {
            throw new IllegalArgumentException(
                    "timeline: expected at most " + limitTokens + " tokens, got " + (length + more));
        }
    }

    private void cut(int kept) {
        cache.truncate(kept);
        if (drafting != null) {
            drafting.cut(kept);
        }
        length = kept;
    }

    void reset() {
        cache = model.newCache();
        if (drafting != null) {
            drafting.reset();
        }
        cache.stopWhen(stopped);
        length = 0;
    }

    private void remember(int... added) {
        if (length + added.length > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(length + added.length, 2 * tokens.length));
        }
        System.arraycopy(added, 0, tokens, length, added.length);
        length += added.length;
    }
}
