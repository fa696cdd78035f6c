package studio.atelier.engine.tensor;

/**
 * Rotary positions: the pair {@code i} of a head turns by {@code position · inverseFrequencies[i]}.
 *
 * @param inverseFrequencies radians per position, one per pair {@code [D/2]}
 * @param pairing which two elements make a pair
 * @param magnitude factor on the turned elements, 1 without YaRN
 */
public record Rope(double[] inverseFrequencies, Pairing pairing, float magnitude) {
    /** Which two elements turn together. */
    public enum Pairing {
        /** Elements 2i and 2i + 1. */
        INTERLEAVED,
        /** Elements i and i + D/2. */
        HALVES
    }

    /** Elements that are turned. */
    public int size() {
        return 2 * inverseFrequencies.length;
    }
}
