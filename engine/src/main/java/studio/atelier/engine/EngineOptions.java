package studio.atelier.engine;

/**
 * How a model is opened.
 *
 * @param backend which processor computes
 * @param contextLimit most tokens a session may hold; 0 takes the model's own limit
 */
public record EngineOptions(BackendChoice backend, int contextLimit) {
    public EngineOptions {
        if (contextLimit < 0) {
            throw new IllegalArgumentException("contextLimit: expected 0 or more tokens, got " + contextLimit);
        }
    }

    public static EngineOptions defaults() {
        return new EngineOptions(BackendChoice.AUTOMATIC, 0);
    }

    public EngineOptions withBackend(BackendChoice choice) {
        return new EngineOptions(choice, contextLimit);
    }

    public EngineOptions withContextLimit(int tokens) {
        return new EngineOptions(backend, tokens);
    }
}
