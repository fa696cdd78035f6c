package studio.atelier.app.chat;

import java.util.OptionalLong;
import studio.atelier.engine.Sampling;

/**
 * How one conversation is answered.
 *
 * @param systemPrompt what the model is told before everything else; may be empty
 * @param sampling how the next token is chosen
 * @param answerLimit most tokens of one answer
 * @param help whether the program's help pages are looked up for the model that comes with it
 */
public record ChatSettings(String systemPrompt, Sampling sampling, int answerLimit, HelpSource help) {
    /** Whether the help pages are put into the prompt. */
    public enum HelpSource {
        LOOKED_UP,
        LEFT_OUT
    }

    private static final int USUAL_ANSWER_LIMIT = 2048;

    public ChatSettings {
        if (answerLimit < 1) {
            throw new IllegalArgumentException("answerLimit: expected 1 token or more, got " + answerLimit);
        }
    }

    /** What a new conversation starts with. */
    public static ChatSettings usual() {
        return new ChatSettings("", Sampling.chat(), USUAL_ANSWER_LIMIT, HelpSource.LOOKED_UP);
    }

    ChatSettings withSystemPrompt(String text) {
        return new ChatSettings(text, sampling, answerLimit, help);
    }

    ChatSettings withSampling(Sampling changed) {
        return new ChatSettings(systemPrompt, changed, answerLimit, help);
    }

    ChatSettings withAnswerLimit(int tokens) {
        return new ChatSettings(systemPrompt, sampling, tokens, help);
    }

    ChatSettings withHelp(HelpSource source) {
        return new ChatSettings(systemPrompt, sampling, answerLimit, source);
    }

    /** The same with another seed, or with a new one for every answer. */
    ChatSettings withSeed(OptionalLong seed) {
        Sampling changed = new Sampling(
                sampling.temperature(),
                sampling.topK(),
                sampling.topP(),
                sampling.minP(),
                sampling.repetitionPenalty(),
                sampling.presencePenalty(),
                seed);
        return withSampling(changed);
    }
}
