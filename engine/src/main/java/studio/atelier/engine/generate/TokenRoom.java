package studio.atelier.engine.generate;

import java.util.Arrays;

/** Arrays for a few tokens that are read together; of each length the same one every time. Belongs to the engine thread. */
final class TokenRoom {
    private static final int MOST_KEPT = 8;

    private final int[][] kept = new int[MOST_KEPT + 1][];

    TokenRoom() {
        Arrays.setAll(kept, int[]::new);
    }

    /** An array of this length, whatever is in it. */
    int[] of(int length) {
        return length > MOST_KEPT ? new int[length] : kept[length];
    }
}
