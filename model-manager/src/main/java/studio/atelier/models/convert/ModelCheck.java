package studio.atelier.models.convert;

import java.nio.file.Path;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.image.PictureEngine;

/** Whether the engine could open a folder, for whatever the model in it is. */
public final class ModelCheck {
    private ModelCheck() {}

    /**
     * Checks every file, tensor and size; nothing is decoded.
     *
     * @throws EngineException why it can't be opened, in one sentence
     */
    public static void check(Path folder) throws EngineException {
        if (PictureEngine.recognizes(folder)) {
            PictureEngine.check(folder);
        } else {
            Engine.check(folder);
        }
    }
}
