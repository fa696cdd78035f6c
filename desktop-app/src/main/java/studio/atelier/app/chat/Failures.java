package studio.atelier.app.chat;

import java.util.Locale;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.i18n.Messages;
import studio.atelier.engine.EngineException;

/** How a refusal of the engine is said: its kind in the person's language, then the engine's sentence with the numbers. */
final class Failures {
    private Failures() {}

    static String title(EngineException cause, Messages messages) {
        return messages.text(
                "failure." + cause.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    static String text(EngineException cause, Messages messages) {
        String said = cause.getMessage();
        return said == null || said.isBlank() ? messages.text("failure.nothing-said") : said;
    }

    static Feather icon(EngineException cause) {
        return switch (cause.reason()) {
            case MODEL_FOLDER_INCOMPLETE,
                    MODEL_FILE_BROKEN,
                    ARCHITECTURE_UNKNOWN,
                    CONFIG_INVALID,
                    TENSOR_MISSING,
                    TENSOR_UNUSED,
                    TENSOR_SHAPE,
                    DTYPE_UNSUPPORTED,
                    TOKENIZER_INVALID -> Feather.FOLDER;
            case MEMORY_TOO_SMALL, BACKEND_UNAVAILABLE -> Feather.CPU;
            case TEMPLATE_FAILED, CONTEXT_TOO_LONG, REQUEST_UNSUPPORTED, CLOSED -> Feather.MESSAGE_SQUARE;
            case INTERNAL -> Feather.ALERT_TRIANGLE;
        };
    }
}
