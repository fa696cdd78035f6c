package studio.atelier.app.running;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException;

/** A model of pictures that a conversation can turn to. Belongs to the FX thread. */
public interface PictureTalk {
    /** What it tells: any number of the first two, then exactly one of the others. */
    sealed interface Told {
        /** A picture is on its way, from 0 to 1. */
        record Progress(double done) implements Told {}

        /** The next piece of what it says about a picture. */
        record Said(String piece) implements Told {}

        /**
         * The picture is there.
         *
         * @param file its name in the folder of pictures
         * @param whole false when it was stopped on the way
         */
        record Drawn(String file, boolean whole) implements Told {}

        /** It has said everything, or was stopped. */
        record Ended(boolean stopped) implements Told {}

        /** There is no answer. */
        record Failed(EngineException cause) implements Told {}
    }

    /** Copies a person's file into the folder of pictures, then tells its name there. */
    void bring(Path file, Consumer<String> then, Consumer<Exception> failed);

    /** Where a picture of this name lies. */
    Path fileOf(String name);

    /**
     * Draws what is said; with a picture, changes it so, or answers when it is a question about it.
     *
     * @param picture the name of the picture that is meant
     * @return stops it
     */
    Runnable answer(String words, Optional<String> picture, Consumer<Told> told);
}
