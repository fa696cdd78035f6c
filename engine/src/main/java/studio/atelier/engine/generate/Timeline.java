package studio.atelier.engine.generate;

import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.SnapshotPart;
import studio.atelier.engine.cache.StoppedException;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;

/**
 * A KV cache and the tokens that it holds: one line of text that grows, and is cut back where a new prompt parts from it.
 *
 * <p>Where the model carries a layer that drafts, a token may be read together with a guess of the next
 * ({@link #extendWithDrafts}); the guess stays or is dropped. Belongs to the engine thread.
 */
public final class Timeline {
    /** Hidden states that are kept before the drafting layer reads them at once. */
    private static final int MOST_WAITING_ROWS = 64;

    private final CausalModel model;
    private final int limitTokens;
    private final int vocabularySize;
    private final float[] logits;
    /** A pass with drafts leaves the logits behind each token. */
    private float[] draftLogits = {};
    /** The largest logits and their tokens, where the backend finds them. */
    private float[] best = new float[0];
    /** A token and guesses of those behind it. */
    private final TokenRoom withDrafts = new TokenRoom();

    private final @Nullable Drafting drafting;
    private KvCache cache;
    private BooleanSupplier stopped = () -> false;
    private @Nullable TimelineCopy copying;
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
        read(part(source, from, to), LogitRows.LAST, logits);
        if (drafting != null) {
            drafting.fill(tokens, length);
        }
        return logits;
    }

    /**
     * Begins to copy what is held, for a snapshot: the parts are copied one by one while the text may grow on. Only one copy
     * at a time; a new one ends the last.
     */
    public TimelineCopy copy() {
        if (drafting != null && !drafting.stopped()) {
            drafting.fill(tokens, length);
        }
        if (copying != null) {
            copying.end();
        }
        TimelineCopy begun = new TimelineCopy(Arrays.copyOf(tokens, length), cache, drafting);
        copying = begun;
        return begun;
    }

    /** The tokens that a prompt shares with what is held. */
    public int shared(int[] prompt) {
        int most = Math.min(length, prompt.length);
        int differs = Arrays.mismatch(tokens, 0, most, prompt, 0, most);
        return differs < 0 ? most : differs;
    }

    /** Forgets all and holds what a snapshot holds instead. Returns whether it fits; if not, nothing is held. */
    public boolean restore(int[] held, List<SnapshotPart> parts) {
        reset();
        if (held.length > limitTokens || !TimelineCopy.restore(held, parts, cache, drafting)) {
            reset();
            return false;
        }
        remember(held);
        return true;
    }

    /** As {@link #extend}, and has the next token chosen: from a few logits when those are enough. */
    int choose(int[] source, int from, int to, Sampler sampler) {
        int count = Math.min(sampler.bestCount(), vocabularySize);
        boolean drafts = drafting != null && !drafting.stopped();
        if (count == 0 || drafts || !model.choosesBest()) {
            return sampler.next(extend(source, from, to));
        }
        if (best.length != 2 * count) {
            best = new float[2 * count];
        }
        read(part(source, from, to), LogitRows.LAST, best);
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

    /** Guesses the tokens behind {@code next} from what stands in the text; none where rows of a pass disturb each other. */
    int lookUp(Lookup lookup, int next, int most, int[] guesses) {
        return model.readsTogether() ? lookup.guess(tokens, length, next, most, guesses) : 0;
    }

    /**
     * Reads a token and guesses of those behind it in one pass.
     *
     * @return the logits {@code [V]} after {@code next}; the same array every time
     */
    public float[] extendWithDrafts(int next, int[] drafts, int count) {
        int[] added = withDrafts.of(count + 1);
        added[0] = next;
        System.arraycopy(drafts, 0, added, 1, count);
        if (draftLogits.length < added.length * vocabularySize) {
            draftLogits = new float[added.length * vocabularySize];
        }
        read(added, LogitRows.ALL, draftLogits);
        return logitsBehindDrafts(0);
    }

    /** The logits {@code [V]} behind so many of the guesses that were read last; the same array every time. */
    public float[] logitsBehindDrafts(int count) {
        System.arraycopy(draftLogits, count * vocabularySize, logits, 0, vocabularySize);
        return logits;
    }

    /** Forgets the last guesses that were read. */
    public void dropDrafts(int count) {
        if (count > 0) {
            cut(length - count);
        }
    }

    /** Drafts no more until the text begins anew. */
    public void stopDrafting() {
        if (drafting != null) {
            drafting.stop();
        }
    }

    private static int[] part(int[] source, int from, int to) {
        return from == 0 && to == source.length ? source : Arrays.copyOfRange(source, from, to);
    }

    private void read(int[] added, LogitRows rows, float[] into) {
        requireRoom(added.length);
        try {
            if (into == best) {
                model.forwardBest(added, cache, best.length / 2, best);
            } else if (drafting == null || drafting.stopped()) {
                model.forward(added, cache, rows, into);
            } else {
                if (drafting.waitingRows() > 1) {
                    drafting.fill(tokens, length);
                }
                drafting.forward(added, length, cache, rows, into);
            }
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
        if (copying != null && copying.length() > kept) {
            copying.end();
        }
        cache.truncate(kept);
        if (drafting != null) {
            drafting.cut(kept);
        }
        length = kept;
    }

    void reset() {
        if (copying != null) {
            copying.end();
        }
        cache = model.newCache();
        if (drafting != null) {
            drafting.reset();
        }
        cache.stopWhen(stopped);
        length = 0;
    }

    private void remember(int added) {
        makeRoom(1);
        tokens[length++] = added;
    }

    private void remember(int[] added) {
        makeRoom(added.length);
        System.arraycopy(added, 0, tokens, length, added.length);
        length += added.length;
    }

    private void makeRoom(int more) {
        if (length + more > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(length + more, 2 * tokens.length));
        }
    }
}
