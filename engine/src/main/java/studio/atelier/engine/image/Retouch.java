package studio.atelier.engine.image;

import java.util.Optional;

/**
 * How a change is held to the picture it begins with. Both ways are experiments.
 *
 * @param mask what is to be changed; empty for the whole picture
 * @param sourceBias what is added to the logit of the source's own code wherever a code is drawn: 0 leaves the draw alone,
 *     a large one keeps the picture
 */
public record Retouch(Optional<PictureMask> mask, double sourceBias) {
    private static final double MOST_BIAS = 1000;

    public Retouch {
        if (!(sourceBias >= 0 && sourceBias <= MOST_BIAS)) {
            throw new IllegalArgumentException("source bias: expected 0 to " + MOST_BIAS + ", got " + sourceBias);
        }
        if (mask.isPresent() && mask.get().isEmpty()) {
            throw new IllegalArgumentException(
                    "the mask is empty: white or transparent is what is to be changed, so paint some of it white");
        }
        if (mask.isEmpty() && sourceBias == 0) {
            throw new IllegalArgumentException("nothing of the source would be kept: give a mask or a source bias");
        }
    }

    /** Only what is painted over is changed. */
    public static Retouch within(PictureMask mask) {
        return new Retouch(Optional.of(mask), 0);
    }
}
