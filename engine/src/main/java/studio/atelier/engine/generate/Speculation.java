package studio.atelier.engine.generate;

/**
 * Chooses token after token, reading each together with guesses of the next: from what stood in the text before
 * ({@link Lookup}), or from the layer that some models carry for it.
 *
 * <p>The choice is always the sampler's, from the logits behind the token before: exactly what it would be without
 * guesses, greedy or sampled. For a guess that is certain this is rejection sampling (Leviathan et al. 2023): it is kept
 * with the probability that the model gives it, and otherwise the draw is another token's. A guess that equals the choice
 * has been read already and its logits are there: one pass less. A wrong one is dropped. Where too few are right, guessing
 * stops.
 */
final class Speculation {
    private final Timeline timeline;
    private final Sampler sampler;
    private final Lookup lookup = new Lookup();
    private final Guard guard = new Guard(Guard.DRAFT_COST, 20);
    private final int[] guesses = new int[Lookup.mostGuesses()];
    private final int[] one = new int[1];

    private int draftedTokens;
    private int acceptedTokens;
    private int passes;

    /** Guesses of the last pass, and those of them that were chosen since. */
    private int guessed;

    private int right;
    private boolean fromText;

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

    /** Passes of the model, without those that read the prompt. */
    int passes() {
        return passes;
    }

    /** Whether the next token was read already, as a guess that was right. */
    boolean holdsDraft() {
        return right > 0;
    }

    /** A token was read and chosen without this. */
    void passedBy() {
        passes++;
    }

    /**
     * Reads a token and chooses the one behind it.
     *
     * @param more how many tokens there is room for behind that one
     */
    int next(int token, int more) {
        if (holdsDraft()) {
            // The token is a guess that was read with those before it.
            return choose(timeline.logitsBehindDrafts(right));
        }
        guessed = guess(token, more);
        passes++;
        if (guessed == 0) {
            one[0] = token;
            return timeline.choose(one, 0, 1, sampler);
        }
        draftedTokens += guessed;
        return choose(timeline.extendWithDrafts(token, guesses, guessed));
    }

    private int guess(int token, int more) {
        int most = Math.min(more, guesses.length);
        if (lookup.isWorthwhile()) {
            int found = timeline.lookUp(lookup, token, most, guesses);
            if (found > 0) {
                fromText = true;
                return found;
            }
        }
        if (most > 0 && timeline.canDraft()) {
            fromText = false;
            guesses[0] = timeline.draft(token);
            return 1;
        }
        return 0;
    }

    private int choose(float[] logits) {
        int chosen = sampler.next(logits);
        if (right < guessed && chosen == guesses[right]) {
            acceptedTokens++;
            right++;
            return chosen;
        }
        settle(right);
        return chosen;
    }

    /** The pass is used up: guesses from {@code kept} on are dropped, and all are judged. */
    private void settle(int kept) {
        timeline.dropDrafts(guessed - kept);
        if (fromText) {
            lookup.judge(guessed, right);
        } else {
            guard.judge(guessed, right);
            if (!guard.isOpen()) {
                timeline.stopDrafting();
            }
        }
        guessed = 0;
        right = 0;
    }

    /** The last choice ends the answer and is not read: neither is a guess that equals it. */
    void end() {
        if (holdsDraft()) {
            settle(right - 1);
        }
    }
}
