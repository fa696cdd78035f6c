package studio.atelier.engine.chat.jinja;

import java.time.Clock;

/** One rendering in progress: what it may still spend, its clock, and whether it escapes HTML just now. */
final class Rendering {
    private final Budget budget = new Budget();
    private final Clock clock;
    private boolean autoescape;

    Rendering(Clock clock) {
        this.clock = clock;
    }

    Budget budget() {
        return budget;
    }

    Clock clock() {
        return clock;
    }

    boolean autoescape() {
        return autoescape;
    }

    void autoescape(boolean on) {
        autoescape = on;
    }

    String str(Value value) {
        return Texts.str(value, budget);
    }

    /** The text of a block or macro: safe HTML where its parts were escaped. */
    StringValue caught(StringBuilder text) {
        return new StringValue(text.toString(), autoescape);
    }
}
