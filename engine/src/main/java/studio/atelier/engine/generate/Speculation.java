package studio.atelier.engine.generate;

/**
 * Chooses token after token, reading each together with a guess of the next where the model can guess.
 *
 * <p>The choice is always the sampler's, from the logits behind the token before: exactly what it would be without
 * guesses, greedy or sampled. A guess that equals the choice has been read already and its logits are there: one pass
 * less. A wrong one is dropped. Where too few are right, guessing stops.
 */
final class Speculation {
    /** Guesses before they are judged. */
    private static final int TRIED = 32;

    /**
     * Reading two tokens instead of one costs 0.4 passes more where arithmetic is the limit (docs/performance.md), the
     * guess itself up to 0.3 in a small model: below this share guessing loses.
     */
    private static final double LEAST_ACCEPTED = 0.7;

    private final Timeline timeline;
    private final Sampler sampler;
    private int draftedTokens;
    private int acceptedTokens;
    private boolean holdsDraft;

    Speculation(Timeline timeline, Sampler sampler) {
        this.timeline = timeline;
        this.sampler = sampler;
    }

    int draftedTokens() {
        return draftedTokens;
    }

    int acceptedTokens() {
        return acceptedTokens;
    }

    /** Whether the next token was read already, as a guess that was right. */
    boolean holdsDraft() {
        return holdsDraft;
    }

    /**
     * Reads a token and chooses the one behind it.
     *
     * @param another whether there is room for one more token than that
     */
    int next(int token, boolean another) {
        if (holdsDraft) {
            // The token is the guess that was read with the one before it.
            holdsDraft = false;
            return sampler.next(timeline.logitsBehindDraft());
        }
        if (!another || !timeline.canDraft()) {
            return timeline.choose(new int[] {token}, 0, 1, sampler);
        }
        int draft = timeline.draft(token);
        int chosen = sampler.next(timeline.extendWithDraft(token, draft));
        draftedTokens++;
        if (chosen == draft) {
            acceptedTokens++;
            holdsDraft = true;
        } else {
            timeline.dropDraft();
        }
        if (draftedTokens >= TRIED && acceptedTokens < LEAST_ACCEPTED * draftedTokens) {
            timeline.stopDrafting();
        }
        return chosen;
    }

    /** The last choice ends the answer and is not read: neither is a guess that equals it. */
    void end() {
        if (holdsDraft) {
            holdsDraft = false;
            timeline.dropDraft();
        }
    }
}
