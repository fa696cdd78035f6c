package studio.atelier.engine.chat;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.chat.jinja.JinjaException;

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

    private TemplateException(Kind kind, String text, String sentence, @Nullable Throwable cause) {
        super(Reason.TEMPLATE_FAILED, sentence, cause);
        this.kind = kind;
        this.text = text;
    }

    static TemplateException of(JinjaException cause) {
        String text = String.valueOf(cause.getMessage());
        String quoted = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return switch (cause.fault()) {
            case RAISED ->
                new TemplateException(
                        Kind.RAISED,
                        text,
                        "The model's chat template refuses this conversation: " + quoted + ".",
                        cause);
            case SYNTAX ->
                new TemplateException(
                        Kind.OTHER,
                        text,
                        "The model's chat template cannot be read, line " + cause.line() + ": " + quoted + ".",
                        cause);
            case LIMIT ->
                new TemplateException(
                        Kind.OTHER, text, "The model's chat template was stopped: " + quoted + ".", cause);
            case TYPE, VALUE, LOOKUP, ARITHMETIC, UNDEFINED, SECURITY, RUNTIME ->
                new TemplateException(
                        Kind.OTHER,
                        text,
                        "The model's chat template fails on this conversation: " + quoted + ".",
                        cause);
        };
    }

    static TemplateException other(String text) {
        return new TemplateException(Kind.OTHER, text, "The model's chat template cannot be used: " + text + ".", null);
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
