package studio.atelier.app.images;

import java.util.Optional;
import studio.atelier.engine.image.Picture;

/** What the panel is doing. */
public sealed interface EaselState {
    /** Nothing; a picture can be asked for. */
    record Idle() implements EaselState {}

    /** The model is being opened. */
    record Opening(String model) implements EaselState {}

    /**
     * A picture appears.
     *
     * @param done between 0 and 1
     * @param partial what can be seen by now
     * @param number which of the pictures that were asked for, from 1
     * @param startedNanos {@link System#nanoTime()} when this one began
     * @param width over height, as it was asked for
     */
    record Drawing(
            double done, Optional<Picture> partial, int number, int count, long seed, long startedNanos, double width)
            implements EaselState {}

    /** There was no picture, and why; what was asked for is still there. */
    record Failed(Trouble trouble) implements EaselState {}

    /** Whether a stop would stop something. */
    default boolean busy() {
        return this instanceof Opening || this instanceof Drawing;
    }
}
