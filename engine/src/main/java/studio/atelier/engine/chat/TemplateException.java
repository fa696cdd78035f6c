package studio.atelier.engine.chat;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;

/**
 * A chat template that does not render: either it refuses the conversation in its own words, or it cannot go on. The
 * reason is always {@link EngineException.Reason#TEMPLATE_FAILED}.
 */
public final class TemplateException extends EngineException {
    private static final long serialVersionUID = 1L;

    /** Who says no. */
    public enum Kind {
        /** The template itself, with {@code raise_exception(text)}. */
        RAISED,
        /** The language: a syntax error, an undefined value, a wrong type, a limit. */
        OTHER
    }

    private final Kind kind;
    private final String text;

    TemplateException(Kind kind, String text, String sentence, @Nullable Throwable cause) {
        super(Reason.TEMPLATE_FAILED, sentence, cause);
        this.kind = kind;
        this.text = text;
    }

    /** Who says no. */
    public Kind kind() {
        return kind;
    }

    /** The template's own words, or Python's and Jinja's error text; {@link #getMessage()} is the sentence around it. */
    public String text() {
        return text;
    }
}
