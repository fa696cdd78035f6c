package studio.atelier.engine.generate;

import java.util.BitSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import studio.atelier.engine.tensor.Best;

/**
 * Chooses the next token from a row of logits.
 *
 * <p>The order is that of Hugging Face's generation: penalties, temperature, top-k, top-p, min-p, then one draw. Greedy
 * choice takes the lowest id among equals. Nothing is allocated per token. Used by one thread.
 */
public final class Sampler {
    private final TokenChoice choice;
    private final RandomGenerator random;
    private final BitSet seen;
    private final BitSet written;
    private final Candidates candidates;

    /**
     * A sampler for one answer.
     *
     * @param choice how to choose
     * @param vocabularySize length of a row of logits
     * @param seed of the draws; the same seed and logits give the same tokens
     */
    public Sampler(TokenChoice choice, int vocabularySize, long seed) {
        this.choice = choice;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.seen = new BitSet(vocabularySize);
        this.written = new BitSet(vocabularySize);
        this.candidates = new Candidates(vocabularySize);
    }

    /** Tells of a token of the prompt, which the repetition penalty counts. */
    public void acceptPrompt(int token) {
        seen.set(token);
    }

    /** Tells of a token that was written, which both penalties count. */
    public void acceptWritten(int token) {
        seen.set(token);
        written.set(token);
    }

    /** Chooses from these logits {@code [V]}, which the penalties change in place. */
    public int next(float[] logits) {
        penalize(logits);
        if (choice.temperature() == 0) {
            return likeliest(logits);
        }
        candidates.fill(logits, choice.temperature());
        candidates.keep(choice.topK(), choice.topP(), choice.minP());
        return candidates.draw(random.nextDouble());
    }

    /** How many of the largest logits are enough to choose from; 0 when all are needed. */
    public int bestCount() {
        if (choice.repetitionPenalty() != 1 || choice.presencePenalty() != 0) {
            return 0;
        }
        if (choice.temperature() == 0) {
            return 1;
        }
        return choice.topK() <= Best.MOST ? choice.topK() : 0;
    }

    /** Chooses from the largest logits {@code [2, bestCount]}, as {@link #next} would from all. */
    public int nextOf(float[] best) {
        int count = best.length / 2;
        if (choice.temperature() == 0) {
            return (int) best[count];
        }
        candidates.fillBest(best, choice.temperature());
        candidates.keep(choice.topK(), choice.topP(), choice.minP());
        return candidates.draw(random.nextDouble());
    }

    private void penalize(float[] logits) {
        float repetition = (float) choice.repetitionPenalty();
        if (repetition != 1) {
            for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
                logits[id] = logits[id] > 0 ? logits[id] / repetition : logits[id] * repetition;
            }
        }
        float presence = (float) choice.presencePenalty();
        if (presence != 0) {
            for (int id = written.nextSetBit(0); id >= 0; id = written.nextSetBit(id + 1)) {
                logits[id] -= presence;
            }
        }
    }

    /** The id of the largest logit, the lowest among equals; a logit that is not a number never wins. */
    public static int likeliest(float[] logits) {
        int best = 0;
        float largest = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] > largest) {
                largest = logits[id];
                best = id;
            }
        }
        return best;
    }
}
