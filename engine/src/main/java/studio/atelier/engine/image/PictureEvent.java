package studio.atelier.engine.image;

import java.util.Optional;
import studio.atelier.engine.EngineException;

/**
 * What an open model tells while it makes a picture: any number of {@link Progress}, then exactly one {@link Finished},
 * {@link Cancelled} or {@link Failed}.
 */
public sealed interface PictureEvent {
    /**
     * It goes on.
     *
     * @param done between 0 and 1
     * @param partial what there is so far, when it can be shown; rows still to come are transparent
     */
    record Progress(double done, Optional<Picture> partial) implements PictureEvent {}

    /** The picture. */
    record Finished(PictureFile file, double seconds) implements PictureEvent {}

    /** It was stopped; what there was by then, if anything. */
    record Cancelled(Optional<PictureFile> partial) implements PictureEvent {}

    /** There will be no picture. */
    record Failed(EngineException cause) implements PictureEvent {}
}
