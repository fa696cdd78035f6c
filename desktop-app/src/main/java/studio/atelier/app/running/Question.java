package studio.atelier.app.running;

import java.util.List;
import studio.atelier.engine.Sampling;

/**
 * What a {@link Dialogue} is asked.
 *
 * @param turns the conversation so far, in order; the last one is the person's
 * @param sampling how the next token is chosen
 * @param answerLimit most tokens of the answer
 */
public record Question(List<Turn> turns, Sampling sampling, int answerLimit) {
    /** Who said something. */
    public enum Role {
        SYSTEM,
        PERSON,
        MODEL
    }

    /** One thing that was said. */
    public record Turn(Role role, String text) {}

    public Question {
        turns = List.copyOf(turns);
        if (turns.isEmpty() || turns.getLast().role() != Role.PERSON) {
            throw new IllegalArgumentException("turns: expected the person's question at the end, got " + turns.size());
        }
        if (answerLimit < 1) {
            throw new IllegalArgumentException("answerLimit: expected 1 token or more, got " + answerLimit);
        }
    }
}
