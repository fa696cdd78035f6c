package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class SamplerTest {
    private static final TokenChoice PLAIN = new TokenChoice(1, 0, 1, 0, 1, 0);
    private static final int DRAWS = 20_000;

    @Test
    void greedyTakesTheLowestIdAmongEquals() {
        Sampler sampler = new Sampler(new TokenChoice(0, 0, 1, 0, 1, 0), 4, 0);
        assertEquals(1, sampler.next(new float[] {0, 5, 5, Float.NaN}));
    }

    @Test
    void drawsFollowTheSoftmax() {
        float[] logits = {0, (float) Math.log(3), (float) Math.log(6), Float.NEGATIVE_INFINITY};
        double[] share = shares(PLAIN, logits);
        assertArrayEquals(new double[] {0.1, 0.3, 0.6, 0}, share, 0.015);
    }

    @Test
    void temperatureSharpens() {
        float[] logits = {0, (float) Math.log(2)};
        double[] share = shares(new TokenChoice(0.5, 0, 1, 0, 1, 0), logits);
        assertArrayEquals(new double[] {0.2, 0.8}, share, 0.015);
    }

    @Test
    void topKKeepsTheLikeliest() {
        float[] logits = {(float) Math.log(2), 3, (float) Math.log(1), (float) (3 + Math.log(3))};
        double[] share = shares(new TokenChoice(1, 2, 1, 0, 1, 0), logits);
        assertArrayEquals(new double[] {0, 0.25, 0, 0.75}, share, 0.015);
    }

    @Test
    void topPKeepsTheFewestThatReachIt() {
        float[] logits = logs(0.1, 0.5, 0.15, 0.25);
        double[] share = shares(new TokenChoice(1, 0, 0.7, 0, 1, 0), logits);
        assertArrayEquals(new double[] {0, 2 / 3.0, 0, 1 / 3.0}, share, 0.015);
    }

    @Test
    void topPCountsWithinTopK() {
        float[] logits = logs(0.1, 0.4, 0.2, 0.3);
        double[] share = shares(new TokenChoice(1, 2, 0.57, 0, 1, 0), logits);
        assertArrayEquals(new double[] {0, 1, 0, 0}, share, 1e-9);
    }

    @Test
    void minPDropsWhatIsFarFromTheBest() {
        float[] logits = logs(0.6, 0.3, 0.1);
        double[] share = shares(new TokenChoice(1, 0, 1, 0.4, 1, 0), logits);
        assertArrayEquals(new double[] {2 / 3.0, 1 / 3.0, 0}, share, 0.015);
    }

    @Test
    void penaltiesActOnWhatWasSeenAndWritten() {
        Sampler sampler = new Sampler(new TokenChoice(0, 0, 1, 0, 2, 1), 4, 0);
        sampler.acceptPrompt(0);
        sampler.acceptWritten(1);
        float[] logits = {4, -1, 3, 0};
        assertEquals(2, sampler.next(logits));
        assertArrayEquals(new float[] {2, -3, 3, 0}, logits);
    }

    @Test
    void sameSeedGivesTheSameTokensAndAnotherSeedOthers() {
        assertEquals(written(7), written(7));
        assertNotEquals(written(7), written(8));
    }

    private static String written(long seed) {
        Sampler sampler = new Sampler(new TokenChoice(0.8, 40, 0.9, 0.01, 1, 0), 500, seed);
        Random logits = new Random(1);
        StringBuilder ids = new StringBuilder();
        for (int step = 0; step < 30; step++) {
            float[] row = new float[500];
            for (int id = 0; id < row.length; id++) {
                row[id] = (float) logits.nextGaussian();
            }
            ids.append(sampler.next(row)).append(' ');
        }
        return ids.toString();
    }

    private static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }

    private static double[] shares(TokenChoice choice, float[] logits) {
        Sampler sampler = new Sampler(choice, logits.length, 42);
        double[] share = new double[logits.length];
        for (int i = 0; i < DRAWS; i++) {
            share[sampler.next(logits.clone())] += 1.0 / DRAWS;
        }
        return share;
    }
}
