package studio.atelier.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;

/** A request that is refused: a status, and one sentence for the person behind the program that asked. */
final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final @Nullable String parameter;

    private ApiException(int status, String code, @Nullable String parameter, String message) {
        super(message);
        this.status = status;
        this.code = code;
        this.parameter = parameter;
    }

    /** The request itself can't be answered by anyone; {@code parameter} is the field that says so. */
    static ApiException invalid(String parameter, String message) {
        return new ApiException(400, "invalid_value", parameter, message);
    }

    static ApiException of(int status, String code, String message) {
        return new ApiException(status, code, null, message);
    }

    static ApiException of(EngineException e) {
        String message = String.valueOf(e.getMessage());
        return switch (e.reason()) {
            case CONTEXT_TOO_LONG -> new ApiException(400, "context_length_exceeded", "messages", message);
            case TEMPLATE_FAILED, REQUEST_UNSUPPORTED -> new ApiException(400, "invalid_value", "messages", message);
            case MEMORY_TOO_SMALL, CLOSED -> of(503, "model_unavailable", message);
            case MODEL_FOLDER_INCOMPLETE,
                    MODEL_FILE_BROKEN,
                    ARCHITECTURE_UNKNOWN,
                    CONFIG_INVALID,
                    TENSOR_MISSING,
                    TENSOR_UNUSED,
                    TENSOR_SHAPE,
                    DTYPE_UNSUPPORTED,
                    TOKENIZER_INVALID,
                    BACKEND_UNAVAILABLE,
                    INTERNAL -> of(500, "model_failed", message);
        };
    }

    int status() {
        return status;
    }

    /** The body that clients of the chat API read errors from. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putObject("error")
                .put("message", getMessage())
                .put("type", status < 500 ? "invalid_request_error" : "server_error")
                .put("param", parameter)
                .put("code", code);
        return json;
    }
}
