package studio.atelier.engine.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.Drafter;
import studio.atelier.engine.models.LogitRows;

/**
 * What guessing with a drafting layer costs: it pays where reading a second token in a pass is cheap, as it is when the
 * weights come from memory, and less where arithmetic is the limit.
 *
 * @param oneSeconds a pass of one token
 * @param twoSeconds a pass of a token and a guess
 * @param guessSeconds the guess, behind a pass of two
 */
public record GuessCosts(double oneSeconds, double twoSeconds, double guessSeconds) {
    private static final int CONTEXT_TOKENS = 128;
    private static final int ROUNDS = 8;
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(150);
    private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final float[] NO_LOGITS = {};

    /** How many times as fast answers come where this share of the guesses is right. */
    public double speed(double right) {
        return (1 + right) * oneSeconds / (twoSeconds + guessSeconds);
    }

    /** Measures a model's layer behind 128 tokens, in the best of several rounds that take turns. */
    public static GuessCosts of(CausalModel model, Drafter drafter) {
        Passes passes = new Passes(model, drafter);
        long start = System.nanoTime();
        double one = Double.MAX_VALUE;
        double two = Double.MAX_VALUE;
        double guess = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            one = Math.min(one, average(passes::one));
            two = Math.min(two, average(passes::two));
            guess = Math.min(guess, average(passes::guess));
            if (System.nanoTime() - start < WARM_NANOS) {
                round = -1;
            }
        }
        return new GuessCosts(one, two, guess);
    }

    private static double average(Runnable pass) {
        long start = System.nanoTime();
        int count = 0;
        while (System.nanoTime() - start < ROUND_NANOS) {
            pass.run();
            count++;
        }
        return (System.nanoTime() - start) / 1e9 / count;
    }

    /** Other tokens each time, so that they choose other experts. */
    private static final class Passes {
        private final CausalModel model;
        private final Drafter drafter;
        private final SplittableRandom random = new SplittableRandom(1);
        private final KvCache cache;
        private final KvCache drafts;
        private final int context;
        private final int[] single = new int[1];
        private final int[] pair = new int[2];
        private final float[] logits;
        private final float[] both;
        private final float[] hidden;

        Passes(CausalModel model, Drafter drafter) {
            this.model = model;
            this.drafter = drafter;
            this.cache = model.newCache();
            this.drafts = drafter.newCache();
            this.context = Math.min(CONTEXT_TOKENS, model.maxPositions() / 2);
            this.logits = new float[model.vocabularySize()];
            this.both = new float[2 * model.vocabularySize()];
            this.hidden = new float[Math.max(2, context) * drafter.hiddenSize()];
            int[] text = chosen(new int[context]);
            drafter.forward(text, cache, LogitRows.LAST, logits, hidden, 0);
            drafter.draft(hidden, 0, text, drafts, NO_LOGITS);
        }

        private int[] chosen(int[] tokens) {
            Arrays.setAll(tokens, _ -> random.nextInt(model.vocabularySize()));
            return tokens;
        }

        void one() {
            model.forward(chosen(single), cache, LogitRows.LAST, logits);
            cache.truncate(context);
        }

        void two() {
            drafter.forward(chosen(pair), cache, LogitRows.ALL, both, hidden, 0);
            cache.truncate(context);
        }

        void guess() {
            drafter.draft(hidden, 0, chosen(pair), drafts, logits);
            drafts.truncate(context);
        }
    }
}
