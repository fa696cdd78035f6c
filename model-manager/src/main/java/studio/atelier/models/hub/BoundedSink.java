package studio.atelier.models.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A body's way to a sink: counted, cut off when it is longer than expected, and shut when its connection is given up.
 * Fed by one thread, shut by any.
 */
final class BoundedSink {
    /** The disk's failure, told apart from the network's. */
    static final class SinkFailure extends IOException {
        private static final long serialVersionUID = 1L;
        private final IOException failure;

        SinkFailure(IOException failure) {
            super(failure);
            this.failure = failure;
        }

        IOException failure() {
            return failure;
        }
    }

    /** More came than may. */
    static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(long mostBytes) {
            super("more than the " + mostBytes + " bytes that were asked for");
        }
    }

    private final ByteSink sink;
    private final long expectedBytes;
    private final AtomicLong received;
    private boolean shut;

    /**
     * Begins.
     *
     * @param received counts what the sink took, so that its speed can be seen
     */
    BoundedSink(ByteSink sink, long expectedBytes, AtomicLong received) {
        this.sink = sink;
        this.expectedBytes = expectedBytes;
        this.received = received;
    }

    /** After this the sink gets nothing more: a connection that was given up may still have bytes on the way. */
    synchronized void shut() {
        shut = true;
    }

    /**
     * Hands bytes on, all of them; nothing once it is shut.
     *
     * @return whether more may come
     */
    synchronized boolean accept(ByteBuffer bytes) throws SinkFailure, TooLong {
        if (shut) {
            return false;
        }
        int taken = bytes.remaining();
        if (received.get() + taken > expectedBytes) {
            throw new TooLong(expectedBytes);
        }
        try {
            sink.accept(bytes);
        } catch (IOException e) {
            throw new SinkFailure(e);
        }
        received.addAndGet(taken);
        return true;
    }
}
