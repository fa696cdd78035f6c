package studio.atelier.engine.image;

import java.util.Optional;
import studio.atelier.engine.EngineException;

/** One picture in the making, step by step on the engine thread, so that it can be stopped between two steps. */
interface Drawing {
    /** Does the next piece of work. Returns whether more is to be done. */
    boolean step() throws EngineException;

    /** Between 0 and 1. */
    double done();

    /** What can be shown without much work since it was asked last; mostly nothing. */
    default Optional<Picture> glimpse() {
        return Optional.empty();
    }

    /** All there is by now, worth some work: rows still to come are transparent. Empty when nothing can be seen yet. */
    Optional<Picture> partial();

    /** The whole picture, once nothing more is to be done. */
    Picture picture();

    /** How the picture came to be; colours and size are added. */
    Provenance provenance();
}
