package studio.atelier.engine.tensor;

/**
 * From the latent of a position to each head's key and value.
 *
 * @param keys {@code [H, Dn, R]}, or {@code [H, R, Dn]} when {@code keysTransposed}
 * @param keysTransposed which way round the keys' matrices were stored
 * @param values {@code [H, Dv, R]}
 */
public record LatentUp(WeightStack keys, boolean keysTransposed, WeightStack values) {
    /** Size of a head's key without its rotary part. */
    public int keySize() {
        return keysTransposed ? keys.columns() : keys.rows();
    }

    /** Size of a head's value. */
    public int valueSize() {
        return values.rows();
    }
}
