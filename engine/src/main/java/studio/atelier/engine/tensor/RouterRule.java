package studio.atelier.engine.tensor;

/**
 * How a router's logits become chosen experts and their shares.
 *
 * @param score what a logit becomes
 * @param groups experts are chosen within the best of this many equal groups; 1 for none
 * @param keptGroups how many groups stay
 * @param groupScore what makes a group good
 * @param chosen experts per token
 * @param normalized whether the shares of the chosen are divided by their sum
 * @param factor on every share
 */
public record RouterRule(
        Score score, int groups, int keptGroups, GroupScore groupScore, int chosen, boolean normalized, float factor) {
    /** What a logit becomes. */
    public enum Score {
        SIGMOID,
        SOFTMAX
    }

    /** What makes a group of experts good. */
    public enum GroupScore {
        /** Its best expert. */
        BEST,
        /** The sum of its two best. */
        TWO_BEST
    }

    /** Softmax over all experts, the best few, no groups. */
    public static RouterRule softmax(int chosen, boolean normalized) {
        return new RouterRule(Score.SOFTMAX, 1, 1, GroupScore.BEST, chosen, normalized, 1);
    }
}
