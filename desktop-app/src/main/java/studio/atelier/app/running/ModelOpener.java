package studio.atelier.app.running;

import java.nio.file.Path;
import java.util.function.Consumer;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.LoadProgress;

/** Opens model folders. */
@FunctionalInterface
public interface ModelOpener {
    /**
     * Opens one and returns when it can answer.
     *
     * @param cache how it keeps what it has read, where the processor that computes knows more than one way
     * @param progress told on the calling thread how much has been read
     * @throws EngineException when the folder holds no model that this machine can run
     */
    OpenModel open(Path folder, CacheChoice cache, Consumer<LoadProgress> progress) throws EngineException;

    /** Says who is told, on any thread and in a sentence, why the processor computes where the GPU was to. */
    default void whenProcessorTakesOver(Consumer<String> told) {}
}
