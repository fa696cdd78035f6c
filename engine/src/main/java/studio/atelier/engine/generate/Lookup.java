package studio.atelier.engine.generate;

/**
 * Guesses what comes next without any model: where the last tokens stood before, in the prompt or in the answer, what
 * followed them may follow again (Saxena, Prompt Lookup Decoding, 2023). Right where a text quotes, wrong elsewhere; so it
 * guesses more after guesses that were right, and stops where too few are. Belongs to the engine thread.
 */
final class Lookup {
    /** Tokens that must have stood there before, in this order. */
    private static final int MATCHED = 3;

    /** With the token before them a pass has eight rows then. */
    private static final int MOST_GUESSES = 7;

    private static final int FIRST_GUESSES = 2;

    private final Guard guard = new Guard(Guard.LOOKUP_COST, 8);
    private int length = FIRST_GUESSES;

    /** Whether it may still guess. */
    boolean isWorthwhile() {
        return guard.isOpen();
    }

    /**
     * Guesses the tokens behind {@code next}, which follows the first {@code length} of {@code tokens}.
     *
     * @param most most guesses wanted
     * @param guesses receives them
     * @return how many there are
     */
    int guess(int[] tokens, int held, int next, int most, int[] guesses) {
        if (held < MATCHED || most < 1) {
            return 0;
        }
        int first = tokens[held - 2];
        int second = tokens[held - 1];
        for (int at = held - 1; at >= 2; at--) {
            if (tokens[at] == next && tokens[at - 1] == second && tokens[at - 2] == first) {
                int count = Math.min(Math.min(length, most), held - at - 1);
                System.arraycopy(tokens, at + 1, guesses, 0, count);
                return count;
            }
        }
        return 0;
    }

    /** So many guesses were made, and so many were right. */
    void judge(int guessed, int right) {
        guard.judge(guessed, right);
        length = right == guessed ? Math.min(MOST_GUESSES, 2 * length) : FIRST_GUESSES;
    }

    static int mostGuesses() {
        return MOST_GUESSES;
    }
}
