package studio.atelier.engine.image;

import studio.atelier.engine.EngineException;

/** A model of pictures, open: belongs to the engine thread. */
interface PictureModel extends AutoCloseable {
    PictureModelInfo info();

    /**
     * Prepares a picture. Refuses what the model can't do, in a sentence that says what it can.
     *
     * @param trace takes tokens and logits
     */
    Drawing begin(PictureRequest request, long seed, Trace trace) throws EngineException;

    @Override
    void close();
}
