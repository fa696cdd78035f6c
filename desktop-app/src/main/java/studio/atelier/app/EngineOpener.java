package studio.atelier.app;

import java.nio.file.Path;
import java.util.function.Consumer;
import studio.atelier.app.running.ModelOpener;
import studio.atelier.app.running.OpenModel;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.LoadProgress;

/** Opens models with the engine. */
final class EngineOpener implements ModelOpener {
    @Override
    public OpenModel open(Path folder, Consumer<LoadProgress> progress) throws EngineException {
        throw new EngineException(
                EngineException.Reason.BACKEND_UNAVAILABLE, "This build of Atelier can't run models yet.");
    }
}
