package studio.atelier.engine.generate;

/** Ends guessing where it costs more passes than it saves. Belongs to the engine thread. */
final class Guard {
    /** Passes that it costs to read one more token in a pass, where arithmetic is the limit (docs/performance.md). */
    static final double LOOKUP_COST = 0.4;

    /** The same, with 0.3 for the drafting layer of a small model. */
    static final double DRAFT_COST = 0.7;

    private final double cost;
    private final double mostLost;
    private double lost;

    /**
     * A guard over one way of guessing.
     *
     * @param cost passes that a guess costs; one that is right saves one
     * @param mostLost passes that may be lost before guessing ends: enough for a bad beginning
     */
    Guard(double cost, double mostLost) {
        this.cost = cost;
        this.mostLost = mostLost;
    }

    void judge(int guessed, int right) {
        // What was won long ago is no reason to lose now.
        lost = Math.max(-mostLost, lost + guessed * cost - right);
    }

    boolean isOpen() {
        return lost < mostLost;
    }
}
