package studio.atelier.engine.chat;

import java.util.Locale;

/** Who speaks in a message. */
public enum Role {
    SYSTEM,
    USER,
    ASSISTANT,
    TOOL;

    /** The role as templates and the chat API spell it: {@code system}, {@code user}, {@code assistant}, {@code tool}. */
    public String spelled() {
        return name().toLowerCase(Locale.ROOT);
    }
}
