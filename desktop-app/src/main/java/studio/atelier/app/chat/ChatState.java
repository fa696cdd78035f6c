package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.LoadProgress;
import studio.atelier.engine.ModelInfo;
import studio.atelier.engine.Statistics;

/** What the conversation on the screen is doing. */
public sealed interface ChatState {
    /** No model is open, so nobody can answer yet. */
    record NoModel() implements ChatState {}

    /**
     * A model is being read from the disk.
     *
     * @param startedNanos {@link System#nanoTime()} when it began
     */
    record Loading(String model, LoadProgress progress, long startedNanos) implements ChatState {}

    /**
     * A question can be asked.
     *
     * @param last the figures of the answer before, if there was one since the program started
     */
    record Ready(ModelInfo model, Optional<Statistics> last) implements ChatState {}

    /**
     * The prompt is being read.
     *
     * @param startedNanos {@link System#nanoTime()} when the question was asked
     */
    record Reading(int readTokens, int promptTokens, int reusedTokens, long startedNanos) implements ChatState {}

    /** The answer is being written. */
    record Writing(Statistics statistics, long startedNanos) implements ChatState {}

    /**
     * A model of pictures answers.
     *
     * @param done between 0 and 1
     * @param startedNanos {@link System#nanoTime()} when it was asked
     */
    record Drawing(double done, long startedNanos) implements ChatState {}

    /**
     * Something stands in the way.
     *
     * @param folder the model folder that was refused; empty when an answer failed
     */
    record Failed(EngineException cause, Optional<Path> folder) implements ChatState {}

    /** Whether there is an answer that can be stopped. */
    default boolean answers() {
        return switch (this) {
            case Reading _, Writing _, Drawing _ -> true;
            case NoModel _, Loading _, Ready _, Failed _ -> false;
        };
    }
}
