package studio.atelier.engine.models;

import studio.atelier.engine.EngineException;

/** The largest sizes that are believed of a configuration; far above any known model, low enough to multiply safely. */
final class Bounds {
    static final int LAYERS = 1 << 10;
    static final int WIDTH = 1 << 18;
    static final int HEADS = 1 << 10;
    static final int EXPERTS = 1 << 12;
    static final int VOCABULARY = 1 << 21;
    static final int POSITIONS = 1 << 24;

    private Bounds() {}

    /** {@code rms_norm_eps}: a negative one makes numbers that are none, a large one wipes everything out. */
    static float epsilon(Configuration config, double fallback) throws EngineException {
        double value = config.number("rms_norm_eps", fallback);
        if (!(value >= 0 && value <= 1)) {
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID,
                    "config.json: rms_norm_eps: expected 0 to 1, got " + value + ".");
        }
        return (float) value;
    }

    /** A size of which rotary positions turn pairs. */
    static int even(String key, int size) throws EngineException {
        if (size % 2 != 0) {
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID,
                    "config.json: " + key + ": expected an even number, because positions turn pairs, got " + size
                            + ".");
        }
        return size;
    }
}
