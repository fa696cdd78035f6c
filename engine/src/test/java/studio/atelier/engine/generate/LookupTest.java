package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.Drafter;
import studio.atelier.engine.models.LogitRows;

/** Guesses from the text: what they are, that they change no probability, and that they end where they lose. */
final class LookupTest {
    private static final int VOCABULARY = 4;

    @Test
    void guessesWhatFollowedTheSameTokensLast() {
        Lookup lookup = new Lookup();
        int[] guesses = new int[7];
        int[] text = {1, 2, 3, 9, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2};
        assertEquals(2, lookup.guess(text, text.length, 3, 7, guesses));
        assertArrayEquals(new int[] {4, 5}, Arrays.copyOf(guesses, 2));
        assertEquals(0, lookup.guess(text, text.length, 4, 7, guesses), "two tokens alone are no reason");
        assertEquals(1, lookup.guess(text, text.length, 3, 1, guesses));
        lookup.judge(2, 2);
        assertEquals(4, lookup.guess(text, text.length, 3, 7, guesses), "more after good guesses");
        lookup.judge(4, 1);
        assertEquals(2, lookup.guess(text, text.length, 3, 7, guesses));
        assertTrue(lookup.isWorthwhile());
        for (int i = 0; i < 20; i++) {
            lookup.judge(2, 0);
        }
        assertFalse(lookup.isWorthwhile());
    }

    /** A chain of four states; a repeated one is likely, so that the text often looks like what stood before. */
    private static final double[][] CHANCES = {
        {0.10, 0.60, 0.20, 0.10}, {0.05, 0.15, 0.70, 0.10}, {0.50, 0.20, 0.10, 0.20}, {0.25, 0.25, 0.25, 0.25},
    };

    private record Chain(Optional<Drafter> drafter, boolean readsTogether, int[] passes) implements CausalModel {
        @Override
        public int vocabularySize() {
            return VOCABULARY;
        }

        @Override
        public int maxPositions() {
            return 200;
        }

        @Override
        public KvCache newCache() {
            return KvCache.of(0, () -> {
                throw new AssertionError("a chain remembers nothing");
            });
        }

        @Override
        public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits) {
            passes[0]++;
            int first = rows == LogitRows.LAST ? tokens.length - 1 : 0;
            for (int i = first; i < tokens.length; i++) {
                for (int v = 0; v < VOCABULARY; v++) {
                    logits[(i - first) * VOCABULARY + v] = (float) Math.log(CHANCES[tokens[i]][v]);
                }
            }
            cache.advance(tokens.length);
        }
    }

    /** Always guesses the same successor, and is often wrong. */
    private record Stubborn(int[] passes) implements Drafter {
        @Override
        public int hiddenSize() {
            return 1;
        }

        @Override
        public KvCache newCache() {
            return KvCache.of(0, () -> {
                throw new AssertionError("a chain remembers nothing");
            });
        }

        @Override
        public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits, float[] hidden, int at) {
            new Chain(Optional.empty(), false, passes).forward(tokens, cache, rows, logits);
        }

        @Override
        public void draft(float[] hidden, int at, int[] next, KvCache cache, float[] logits) {
            cache.advance(next.length);
            if (logits.length > 0) {
                Arrays.fill(logits, 0);
                logits[(next[next.length - 1] + 1) % VOCABULARY] = 1;
            }
        }
    }

    /**
     * Pearson's chi-square over all 4^4 answers of four tokens: 255 degrees of freedom, so that 350 is passed by chance once
     * in 20,000 times; the seeds are fixed. Temperature 0.8 bends all chances.
     */
    @Test
    void sampledAnswersHaveTheModelsProbabilities() {
        int[] prompt = {0, 1, 2, 0, 1, 2, 0, 1};
        int[] passes = {0};
        chiSquare(new Chain(Optional.empty(), true, passes), prompt);
        chiSquare(new Chain(Optional.of(new Stubborn(passes)), false, passes), prompt);
        chiSquare(new Chain(Optional.of(new Stubborn(passes)), true, passes), prompt);
    }

    private static void chiSquare(Chain chain, int[] prompt) {
        int answers = 40_000;
        int length = 4;
        int[] counts = new int[(int) Math.pow(VOCABULARY, length)];
        int accepted = 0;
        int refused = 0;
        for (int seed = 0; seed < answers; seed++) {
            Sampler sampler = new Sampler(new TokenChoice(0.8, 0, 1, 0, 1, 0), VOCABULARY, seed);
            Generator generator = new Generator(new Timeline(chain, 200), prompt, sampler, Set.of(), length);
            int code = 0;
            for (int token : answer(generator)) {
                code = code * VOCABULARY + token;
            }
            counts[code]++;
            accepted += generator.acceptedTokens();
            refused += generator.draftedTokens() - generator.acceptedTokens();
        }
        assertTrue(accepted > answers / 10 && refused > answers / 10, accepted + " right, " + refused + " wrong");
        double sum = 0;
        for (int code = 0; code < counts.length; code++) {
            double expected = answers * chance(prompt[prompt.length - 1], code, length);
            sum += (counts[code] - expected) * (counts[code] - expected) / expected;
        }
        assertTrue(sum < 350, "chi-square " + sum);
    }

    private static double chance(int before, int code, int length) {
        double chance = 1;
        int state = before;
        for (int i = length - 1; i >= 0; i--) {
            int next = code / (int) Math.pow(VOCABULARY, i) % VOCABULARY;
            double all = 0;
            for (double each : CHANCES[state]) {
                all += Math.pow(each, 1 / 0.8);
            }
            chance *= Math.pow(CHANCES[state][next], 1 / 0.8) / all;
            state = next;
        }
        return chance;
    }

    private static List<Integer> answer(Generator generator) {
        List<Integer> tokens = new ArrayList<>();
        while (true) {
            switch (generator.step()) {
                case Generator.Step.Reading _ -> {}
                case Generator.Step.Token _ -> tokens.add(generator.written());
                case Generator.Step.End _ -> {
                    return tokens;
                }
            }
        }
    }
}
