package studio.atelier.engine.generate;

import java.util.Arrays;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.models.Drafter;
import studio.atelier.engine.models.LogitRows;

/**
 * The drafting layer beside a timeline: its own cache, and the hidden states that it still has to read.
 *
 * <p>Row {@code i} of its cache joins the hidden state of position {@code i} and the token at {@code i + 1}; it is filled
 * once that token is known, so it is always one row behind the timeline. Belongs to the engine thread.
 */
final class Drafting {
    private static final float[] NO_LOGITS = {};
    private static final int NONE = -1;

    private final Drafter drafter;
    private final float[] logits;
    private KvCache cache;
    /** Hidden states of positions from {@link #firstPosition} on; the first is kept from the pass before. */
    private float[] hidden = {};

    /** The tokens behind the rows that are read. */
    private final TokenRoom following = new TokenRoom();

    private int firstPosition;
    private int hiddenRows;
    private boolean broken;

    Drafting(Drafter drafter, int vocabularySize) {
        this.drafter = drafter;
        this.logits = new float[vocabularySize];
        this.cache = drafter.newCache();
    }

    /** Whether it holds all that a draft behind so many tokens needs. */
    boolean ready(int length) {
        return !broken && length > 0 && firstPosition + hiddenRows == length && cache.length() >= firstPosition;
    }

    /** Forgets everything. */
    void reset() {
        cache = drafter.newCache();
        hiddenRows = 0;
        firstPosition = 0;
        broken = false;
    }

    /** Nothing is drafted until the next {@link #reset()}. */
    void stop() {
        broken = true;
    }

    boolean stopped() {
        return broken;
    }

    /**
     * How much of a timeline that is cut to {@code length} tokens can be kept: the hidden state of its last token is
     * gone, so that one is read again.
     */
    int kept(int length) {
        return Math.max(0, length - 1);
    }

    /**
     * The timeline was cut to {@code length} tokens. The cache's rows stay: the token behind the last of them is either
     * part of what is kept or will be read again.
     */
    void cut(int length) {
        cache.truncate(Math.min(cache.length(), length));
        hiddenRows = Math.clamp(length - firstPosition, 0, hiddenRows);
        boolean covered = hiddenRows > 0 && firstPosition + hiddenRows == length && cache.length() >= firstPosition;
        if (!covered) {
            firstPosition = length;
            hiddenRows = 0;
            // Rows may be missing that can't be computed any more.
            broken = broken || cache.length() < length;
        }
    }

    /** Reads tokens at {@code position} with the model, keeps their hidden states. */
    void forward(int[] tokens, int position, KvCache main, LogitRows rows, float[] mainLogits) {
        int size = drafter.hiddenSize();
        boolean carries = hiddenRows > 0 && firstPosition + hiddenRows == position;
        int needed = (tokens.length + 1) * size;
        float[] room = hidden.length >= needed ? hidden : new float[needed];
        if (carries) {
            System.arraycopy(hidden, (hiddenRows - 1) * size, room, 0, size);
        }
        hidden = room;
        int kept = carries ? 1 : 0;
        // Should the pass be given up, what is left is as before.
        firstPosition = position - kept;
        hiddenRows = kept;
        drafter.forward(tokens, main, rows, mainLogits, hidden, kept * size);
        hiddenRows = kept + tokens.length;
    }

    /** Keeps the hidden state of a position that the model read together with other texts. */
    void append(float[] states, int at, int position) {
        if (broken) {
            return;
        }
        int size = drafter.hiddenSize();
        boolean follows = hiddenRows > 0 && firstPosition + hiddenRows == position;
        if (!follows) {
            firstPosition = position;
            hiddenRows = 0;
        }
        int needed = (hiddenRows + 1) * size;
        if (hidden.length < needed) {
            hidden = Arrays.copyOf(hidden, Math.max(needed, 2 * hidden.length));
        }
        System.arraycopy(states, at, hidden, hiddenRows * size, size);
        hiddenRows++;
    }

    /** The drafting layer's cache. */
    KvCache cache() {
        return cache;
    }

    /** The hidden state of the last of so many tokens; empty when it is not there. */
    float[] lastHidden(int length) {
        int size = drafter.hiddenSize();
        boolean held = hiddenRows > 0 && firstPosition + hiddenRows == length;
        return held ? Arrays.copyOfRange(hidden, (hiddenRows - 1) * size, hiddenRows * size) : new float[0];
    }

    /** Goes on behind a restored text of so many tokens, with its last hidden state. */
    void resume(int length, KvCache restored, float[] lastHidden) {
        cache = restored;
        hidden = lastHidden.clone();
        hiddenRows = 1;
        firstPosition = length - 1;
        broken = false;
    }

    int hiddenSize() {
        return drafter.hiddenSize();
    }

    KvCache newCache() {
        return drafter.newCache();
    }

    /** Hidden states that wait for the drafting layer. */
    int waitingRows() {
        return hiddenRows;
    }

    /** Forgets the hidden states that the drafting layer has read, but for the last. */
    void compact() {
        int read = Math.min(cache.length() - firstPosition, hiddenRows - 1);
        if (read > 0) {
            int size = drafter.hiddenSize();
            System.arraycopy(hidden, read * size, hidden, 0, (hiddenRows - read) * size);
            firstPosition += read;
            hiddenRows -= read;
        }
    }

    /** Fills the rows whose token is known already. {@code tokens} are the timeline's, {@code length} of them. */
    void fill(int[] tokens, int length) {
        read(tokens, length - 1, NONE, length - 1, NO_LOGITS);
    }

    /** Guesses the token behind {@code next}, which follows the {@code length} tokens of the timeline. */
    int draft(int[] tokens, int length, int next) {
        read(tokens, length - 1, next, length, logits);
        return Sampler.likeliest(logits);
    }

    /** Reads rows up to {@code end}; row i needs the token at i + 1, which is {@code next} behind the last known. */
    private void read(int[] tokens, int lastKnown, int next, int end, float[] wanted) {
        int from = cache.length();
        if (broken || from >= end) {
            return;
        }
        if (from < firstPosition) {
            broken = true;
            return;
        }
        int at = (from - firstPosition) * drafter.hiddenSize();
        int[] behind = following.of(end - from);
        for (int row = from; row < end; row++) {
            behind[row - from] = row < lastKnown ? tokens[row + 1] : next;
        }
        drafter.draft(hidden, at, behind, cache, wanted);
    }
}
