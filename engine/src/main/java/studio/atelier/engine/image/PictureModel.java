package studio.atelier.engine.image;

import java.util.function.Consumer;
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

    /**
     * Looks at a picture and answers a question about it, piece by piece.
     *
     * @throws EngineException for models that can only draw
     */
    default void describe(Picture picture, String question, int mostTokens, Consumer<String> pieces, Pulse pulse)
            throws EngineException {
        throw new EngineException(
                EngineException.Reason.REQUEST_UNSUPPORTED,
                info().architecture() + " can't look at pictures, it only makes them; Janus models can.");
    }

    @Override
    void close();
}
