package studio.atelier.models.hub;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes bytes in order, on a thread of the network. */
@FunctionalInterface
public interface ByteSink {
    /**
     * Takes all of a buffer before it returns.
     *
     * @throws IOException when the bytes can't be kept; the request ends with it
     */
    void accept(ByteBuffer bytes) throws IOException;
}
