package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;

/** Chooses experts for each position. Source: DeepSeek-V3 (2412.19437) section 2.1.2; dropped groups never win. */
final class CpuRouter {
    /** By the number of positions, of a few. */
    private final Chosen[] kept = new Chosen[NibbleProducts.FEW_POSITIONS + 1];

    private float[] scores = {};
    private float[] preference = {};
    private float[] quality = {};

    CpuRouter() {
        Arrays.fill(kept, new Chosen(0, new int[0], new float[0]));
    }

    /** Experts and shares on the heap. */
    record Chosen(int chosen, int[] experts, float[] shares) implements Routing {}

    /**
     * Logits {@code [positions, experts]}; {@code bias} is empty or one number per expert. The result of a few
     * positions is the same object every time and holds until the next call.
     */
    Chosen route(float[] logits, int positions, int experts, float[] bias, RouterRule rule) {
        int count = rule.chosen();
        Chosen result = room(positions, count);
        int[] chosen = result.experts;
        float[] shares = result.shares;
        if (scores.length != experts) {
            scores = new float[experts];
            preference = new float[experts];
        }
        for (int l = 0; l < positions; l++) {
            System.arraycopy(logits, l * experts, scores, 0, experts);
            switch (rule.score()) {
                case SIGMOID -> {
                    for (int x = 0; x < experts; x++) {
                        scores[x] = (float) (1 / (1 + Math.exp(-scores[x])));
                    }
                }
                case SOFTMAX -> softmax(scores);
            }
            for (int x = 0; x < experts; x++) {
                preference[x] = bias.length == 0 ? scores[x] : scores[x] + bias[x];
            }
            if (rule.groups() > 1) {
                dropGroups(rule);
            }
            choose(preference, count, chosen, l * count);
            share(scores, rule, chosen, shares, l * count);
        }
        return result;
    }

    private Chosen room(int positions, int count) {
        if (positions > NibbleProducts.FEW_POSITIONS) {
            return new Chosen(count, new int[positions * count], new float[positions * count]);
        }
        if (kept[positions].chosen != count) {
            kept[positions] = new Chosen(count, new int[positions * count], new float[positions * count]);
        }
        return kept[positions];
    }

    private static void softmax(float[] scores) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            maximum = Math.max(maximum, score);
        }
        double sum = 0;
        for (int x = 0; x < scores.length; x++) {
            scores[x] = (float) Math.exp(scores[x] - maximum);
            sum += scores[x];
        }
        float inverse = (float) (1 / sum);
        for (int x = 0; x < scores.length; x++) {
            scores[x] *= inverse;
        }
    }

    private void dropGroups(RouterRule rule) {
        int size = preference.length / rule.groups();
        if (quality.length != rule.groups()) {
            quality = new float[rule.groups()];
        }
        for (int g = 0; g < rule.groups(); g++) {
            float best = Float.NEGATIVE_INFINITY;
            float second = Float.NEGATIVE_INFINITY;
            for (int x = g * size; x < (g + 1) * size; x++) {
                if (preference[x] > best) {
                    second = best;
                    best = preference[x];
                } else if (preference[x] > second) {
                    second = preference[x];
                }
            }
            quality[g] = switch (rule.groupScore()) {
                case BEST -> best;
                case TWO_BEST -> best + second;
            };
            if (Float.isNaN(quality[g])) {
                // Broken weights; NaN marks groups that were dropped.
                quality[g] = Float.NEGATIVE_INFINITY;
            }
        }
        for (int dropped = 0; dropped < rule.groups() - rule.keptGroups(); dropped++) {
            int worst = -1;
            for (int g = 0; g < rule.groups(); g++) {
                // Of equals the later goes, so that the earlier wins as in a sort.
                if (!Float.isNaN(quality[g]) && (worst < 0 || quality[g] <= quality[worst])) {
                    worst = g;
                }
            }
            quality[worst] = Float.NaN;
            Arrays.fill(preference, worst * size, (worst + 1) * size, Float.NEGATIVE_INFINITY);
        }
    }

    private static void choose(float[] preference, int count, int[] chosen, int at) {
        for (int k = 0; k < count; k++) {
            int best = 0;
            for (int x = 1; x < preference.length; x++) {
                if (preference[x] > preference[best]) {
                    best = x;
                }
            }
            chosen[at + k] = best;
            preference[best] = Float.NEGATIVE_INFINITY;
        }
    }

    private static void share(float[] scores, RouterRule rule, int[] chosen, float[] shares, int at) {
        float sum = 0;
        for (int k = 0; k < rule.chosen(); k++) {
            shares[at + k] = scores[chosen[at + k]];
            sum += shares[at + k];
        }
        float factor = rule.normalized() ? rule.factor() / (sum + 1e-20f) : rule.factor();
        for (int k = 0; k < rule.chosen(); k++) {
            shares[at + k] *= factor;
        }
    }
}
