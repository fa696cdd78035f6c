package studio.atelier.app.images;

import java.util.List;
import java.util.Locale;
import studio.atelier.engine.EngineException;

/**
 * What went wrong, to be said in the window's language.
 *
 * @param title where its kind is looked up
 * @param text where its sentence is looked up; empty when the sentence is {@code said}
 * @param numbers for the sentence
 * @param said a sentence that is ready
 */
public record Trouble(String title, String text, List<String> numbers, String said) {
    public Trouble {
        numbers = List.copyOf(numbers);
    }

    /** One of the window's own sentences. */
    static Trouble of(String key, String... numbers) {
        return new Trouble(key, key + "-text", List.of(numbers), "");
    }

    /** A sentence that came from elsewhere, under a title of the window's. */
    static Trouble said(String title, Exception cause) {
        String message = cause.getMessage();
        return new Trouble(title, "", List.of(), message == null ? cause.toString() : message);
    }

    /** A request that contradicts itself. */
    static Trouble refused(IllegalArgumentException cause) {
        return new Trouble("images.trouble.request", "", List.of(), cause.getMessage() + ".");
    }

    /** What the engine says. */
    static Trouble of(EngineException cause) {
        String kind = cause.reason() == EngineException.Reason.REQUEST_UNSUPPORTED
                ? "images.trouble.request"
                : "failure." + cause.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return said(kind, cause);
    }
}
