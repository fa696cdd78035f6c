package studio.atelier.engine;

import org.jspecify.annotations.Nullable;

/**
 * Something outside the program stands in the way: a file, the memory, the prompt.
 *
 * <p>The message is one sentence for a person: what happened, the number, what to do. The {@link Reason} is for
 * programs, which choose a remedy or a translation by it. Rooms that know more extend it.
 */
public class EngineException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why the engine refused. */
    public enum Reason {
        MODEL_FOLDER_INCOMPLETE,
        MODEL_FILE_BROKEN,
        ARCHITECTURE_UNKNOWN,
        CONFIG_INVALID,
        TENSOR_MISSING,
        TENSOR_UNUSED,
        TENSOR_SHAPE,
        DTYPE_UNSUPPORTED,
        MEMORY_TOO_SMALL,
        TOKENIZER_INVALID,
        TEMPLATE_FAILED,
        CONTEXT_TOO_LONG,
        BACKEND_UNAVAILABLE,
        REQUEST_UNSUPPORTED,
        CLOSED,
        INTERNAL
    }

    private final Reason reason;

    public EngineException(Reason reason, String message) {
        this(reason, message, null);
    }

    public EngineException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** What kind of obstacle it was. */
    public Reason reason() {
        return reason;
    }
}
