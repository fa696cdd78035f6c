package studio.atelier.app.running;

import java.nio.file.Path;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.LoadProgress;
import studio.atelier.engine.ModelInfo;

/** What the window's one model is doing. */
public sealed interface ModelState {
    /** Nothing is open and nothing was tried. */
    record None() implements ModelState {}

    /**
     * Weights are being read from the disk.
     *
     * @param startedNanos {@link System#nanoTime()} when it began
     */
    record Loading(Path folder, LoadProgress progress, long startedNanos) implements ModelState {}

    /** It can answer. */
    record Open(ModelInfo info) implements ModelState {}

    /** It was not opened, or it broke while open. */
    record Refused(Path folder, EngineException cause) implements ModelState {}

    /** A folder's name, for people. */
    static String nameOf(Path folder) {
        Path name = folder.getFileName();
        return name == null ? folder.toString() : name.toString();
    }
}
