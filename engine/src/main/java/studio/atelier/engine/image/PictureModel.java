package studio.atelier.engine.image;

import studio.atelier.engine.EngineException;

/** A model of pictures, open: belongs to the engine thread. */
interface PictureModel extends AutoCloseable {
    PictureModelInfo info();

    /**
     * Prepares a picture. Refuses what the model can't do, in a sentence that says what it can.
     *
     * @param trace takes tokens and logits
     * @param pulse to be felt within long steps
     */
    Drawing begin(PictureRequest request, long seed, Trace trace, Pulse pulse) throws EngineException;

    @Override
    void close();
}
