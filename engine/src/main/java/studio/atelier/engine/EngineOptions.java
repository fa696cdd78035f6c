package studio.atelier.engine;

import java.util.Optional;

/**
 * How a model is opened.
 *
 * @param backend which processor computes
 * @param contextLimit most tokens a session may hold; 0 takes the model's own limit
 * @param sessionsTogether most sessions whose answers go through the model in one pass; with 1 they take turns
 * @param snapshots where conversations are kept beyond the engine's end; empty for nowhere
 * @param cache how what a session has read is kept
 */
public record EngineOptions(
        BackendChoice backend,
        int contextLimit,
        int sessionsTogether,
        Optional<SnapshotFolder> snapshots,
        CacheChoice cache) {
    private static final int SESSIONS_TOGETHER = 8;

    public EngineOptions {
        if (contextLimit < 0) {
            throw new IllegalArgumentException("contextLimit: expected 0 or more tokens, got " + contextLimit);
        }
        if (sessionsTogether < 1) {
            throw new IllegalArgumentException("sessionsTogether: expected 1 or more, got " + sessionsTogether);
        }
    }

    public EngineOptions(BackendChoice backend, int contextLimit) {
        this(backend, contextLimit, SESSIONS_TOGETHER, Optional.empty(), CacheChoice.AUTOMATIC);
    }

    public static EngineOptions defaults() {
        return new EngineOptions(BackendChoice.AUTOMATIC, 0);
    }

    public EngineOptions withBackend(BackendChoice choice) {
        return new EngineOptions(choice, contextLimit, sessionsTogether, snapshots, cache);
    }

    public EngineOptions withContextLimit(int tokens) {
        return new EngineOptions(backend, tokens, sessionsTogether, snapshots, cache);
    }

    public EngineOptions withSessionsTogether(int sessions) {
        return new EngineOptions(backend, contextLimit, sessions, snapshots, cache);
    }

    public EngineOptions withSnapshots(SnapshotFolder folder) {
        return new EngineOptions(backend, contextLimit, sessionsTogether, Optional.of(folder), cache);
    }

    public EngineOptions withCache(CacheChoice choice) {
        return new EngineOptions(backend, contextLimit, sessionsTogether, snapshots, choice);
    }
}
