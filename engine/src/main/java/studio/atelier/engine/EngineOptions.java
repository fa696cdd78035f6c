package studio.atelier.engine;

/**
 * How a model is opened.
 *
 * @param backend which processor computes
 * @param contextLimit most tokens a session may hold; 0 takes the model's own limit
 * @param sessionsTogether most sessions whose answers go through the model in one pass; with 1 they take turns
 */
public record EngineOptions(BackendChoice backend, int contextLimit, int sessionsTogether) {
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
        this(backend, contextLimit, SESSIONS_TOGETHER);
    }

    public static EngineOptions defaults() {
        return new EngineOptions(BackendChoice.AUTOMATIC, 0);
    }

    public EngineOptions withBackend(BackendChoice choice) {
        return new EngineOptions(choice, contextLimit, sessionsTogether);
    }

    public EngineOptions withContextLimit(int tokens) {
        return new EngineOptions(backend, tokens, sessionsTogether);
    }

    public EngineOptions withSessionsTogether(int sessions) {
        return new EngineOptions(backend, contextLimit, sessions);
    }
}
