package studio.atelier.models.convert;

/**
 * How far quantized numbers are from the published ones.
 *
 * @param squares sum of the squares of the published numbers
 * @param errorSquares sum of the squares of the differences
 */
public record QuantizationError(double squares, double errorSquares) {
    static final QuantizationError NONE = new QuantizationError(0, 0);

    /** The root of the mean square of the differences, as a part of the numbers' own. */
    public double relativeRms() {
        return squares == 0 ? 0 : Math.sqrt(errorSquares / squares);
    }

    QuantizationError plus(QuantizationError other) {
        return new QuantizationError(squares + other.squares, errorSquares + other.errorSquares);
    }
}
