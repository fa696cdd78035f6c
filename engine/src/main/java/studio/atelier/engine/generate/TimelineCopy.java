package studio.atelier.engine.generate;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.SnapshotPart;

/**
 * A timeline on its way into a snapshot: the tables of its cache; where the model drafts, those of the drafting layer, one
 * row shorter, and the last hidden state. Belongs to the engine thread, but for {@link #tokens} and {@link #parts}.
 */
public final class TimelineCopy {
    private final int[] tokens;
    private final KvCache cache;
    private final @Nullable KvCache drafts;
    private final float[] lastHidden;
    private final int parts;
    private boolean ended;

    TimelineCopy(int[] tokens, KvCache cache, @Nullable Drafting drafting) {
        this.tokens = tokens;
        this.cache = cache;
        if (drafting != null
                && !drafting.stopped()
                && drafting.cache().length() >= tokens.length - 1
                && drafting.lastHidden(tokens.length).length > 0) {
            this.drafts = drafting.cache();
            this.lastHidden = drafting.lastHidden(tokens.length);
        } else {
            this.drafts = null;
            this.lastHidden = new float[0];
        }
        this.parts = cache.tables() + (drafts == null ? 0 : drafts.tables() + 1);
    }

    /** The text; not to be changed. */
    public int[] tokens() {
        return tokens;
    }

    int length() {
        return tokens.length;
    }

    /** Number of parts. */
    public int parts() {
        return parts;
    }

    /** A part; empty when the text was cut back meanwhile. */
    public Optional<SnapshotPart> part(int index) {
        if (ended) {
            return Optional.empty();
        }
        if (index < cache.tables() || drafts == null) {
            return Optional.of(cache.copy(index, tokens.length));
        }
        int table = index - cache.tables();
        return Optional.of(
                table < drafts.tables()
                        ? drafts.copy(table, tokens.length - 1)
                        : new SnapshotPart(1, lastHidden.length, false, lastHidden));
    }

    void end() {
        ended = true;
    }

    /** Fills empty caches. Returns whether the parts are theirs. */
    static boolean restore(int[] tokens, List<SnapshotPart> parts, KvCache cache, @Nullable Drafting drafting) {
        int own = cache.tables();
        if (parts.size() < own || !cache.restore(parts.subList(0, own), tokens.length)) {
            return false;
        }
        if (drafting == null) {
            return parts.size() == own;
        }
        KvCache drafts = drafting.newCache();
        boolean whole = parts.size() == own + drafts.tables() + 1
                && parts.getLast().values().length == drafting.hiddenSize()
                && drafts.restore(parts.subList(own, parts.size() - 1), tokens.length - 1);
        if (whole) {
            drafting.resume(tokens.length, drafts, parts.getLast().values());
        } else {
            drafting.stop();
        }
        return true;
    }
}
