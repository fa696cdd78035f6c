package studio.atelier.engine;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.cache.SnapshotPart;
import studio.atelier.engine.cache.SnapshotStore;
import studio.atelier.engine.generate.Timeline;
import studio.atelier.engine.generate.TimelineCopy;

/**
 * Keeps what sessions have read on the disk, so that a conversation that is opened again need not be read again. Written
 * by a thread of its own when a session has been quiet for a moment, is closed, or the engine is; the engine thread only
 * copies one table after the other, between two pieces of other work. A text that changes meanwhile is left for later.
 */
final class Snapshots {
    private static final Logger LOG = System.getLogger(Snapshots.class.getName());

    /** Shorter texts are read again in no time. */
    private static final int LEAST_TOKENS = 64;

    private static final long QUIET_NANOS = 2_000_000_000L;

    private final SnapshotStore store;
    private final EngineThread engine;
    private final Thread writer;

    /** When which timeline is to be written. */
    private final Map<Timeline, Long> due = new LinkedHashMap<>();

    private boolean ended;

    Snapshots(SnapshotStore store, EngineThread engine) {
        this.store = store;
        this.engine = engine;
        this.writer = Thread.ofPlatform().name("atelier-snapshots").daemon().start(this::write);
    }

    /** Fills a timeline with a snapshot that knows more of a prompt than it does; on the engine thread. */
    void restore(Timeline timeline, int[] prompt) {
        Optional<SnapshotStore.Match> found =
                store.find(prompt).filter(match -> match.sharedTokens() >= timeline.shared(prompt) + LEAST_TOKENS);
        if (found.isEmpty()) {
            return;
        }
        SnapshotStore.Match match = found.get();
        List<SnapshotPart> parts = new ArrayList<>();
        store.read(match, (index, count, part) -> {
            parts.add(part);
            return index + 1 < count || timeline.restore(match.tokens(), parts);
        });
    }

    /** A session answers again: what it read is not to be written now. */
    synchronized void notNow(Timeline timeline) {
        due.remove(timeline);
    }

    /** A session has ended an answer. */
    void later(Timeline timeline) {
        add(timeline, System.nanoTime() + QUIET_NANOS);
    }

    /** A session is closed: what waits to be written is written now. */
    synchronized void now(Timeline timeline) {
        if (due.containsKey(timeline)) {
            add(timeline, System.nanoTime());
        }
    }

    private synchronized void add(Timeline timeline, long nanos) {
        due.put(timeline, nanos);
        notifyAll();
    }

    private void write() {
        try {
            while (true) {
                Timeline timeline = next();
                if (timeline == null) {
                    return;
                }
                write(timeline);
            }
        } catch (InterruptedException e) {
            // Nobody interrupts this thread; what is not written is only read again.
            LOG.log(Level.INFO, "snapshots end: interrupted");
        }
    }

    private synchronized @Nullable Timeline next() throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long wait = Long.MAX_VALUE;
            for (Map.Entry<Timeline, Long> entry : due.entrySet()) {
                wait = Math.min(wait, ended ? 0 : entry.getValue() - now);
                if (wait <= 0) {
                    due.remove(entry.getKey());
                    return entry.getKey();
                }
            }
            if (ended) {
                return null;
            }
            if (due.isEmpty()) {
                wait();
            } else {
                wait(wait / 1_000_000 + 1);
            }
        }
    }

    private void write(Timeline timeline) {
        try {
            TimelineCopy copy = engine.make(timeline::copy);
            if (copy.tokens().length >= LEAST_TOKENS && !store.holds(copy.tokens())) {
                store.write(copy.tokens(), copy.parts(), index -> part(copy, index));
            }
        } catch (EngineException | IOException e) {
            LOG.log(Level.WARNING, "a conversation could not be kept for later: {0}", e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.log(Level.WARNING, "a conversation could not be kept for later", e);
        }
    }

    private Optional<SnapshotPart> part(TimelineCopy copy, int index) {
        try {
            return engine.make(() -> copy.part(index));
        } catch (EngineException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends without writing what waits: the engine thread can't be waited for. */
    synchronized void abandon() {
        due.clear();
        endWriting();
    }

    private synchronized void endWriting() {
        ended = true;
        notifyAll();
    }

    /** Writes what waits and ends; the engine thread must still work, and not be the caller. */
    void end() {
        // What the engine thread does before this may leave more to be written.
        engine.order(this::endWriting);
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
