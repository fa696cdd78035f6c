package studio.atelier.engine.tensor;

/**
 * Rotations for positions that are not one after the other, such as those of pixels: pair {@code i} of row {@code l} turns
 * by the angle whose cosine and sine stand at {@code l * pairs + i}.
 *
 * @param cosines {@code [L, D/2]}
 * @param sines {@code [L, D/2]}
 * @param pairs D/2
 */
public record RotaryTable(float[] cosines, float[] sines, int pairs) {
    public RotaryTable {
        if (cosines.length != sines.length || pairs < 1 || cosines.length % pairs != 0) {
            throw new IllegalArgumentException("rotations: expected rows of " + pairs + " pairs, got " + cosines.length
                    + " cosines and " + sines.length + " sines");
        }
    }

    /** L. */
    public int rows() {
        return cosines.length / pairs;
    }
}
