package studio.atelier.models.hub;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Hands a body to a sink as it arrives, so that nothing is kept; a longer body than expected is cut off. */
final class SinkSubscriber implements BodySubscriber<byte[]> {
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
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;
    private boolean revoked;

    SinkSubscriber(ByteSink sink, long expectedBytes, AtomicLong received) {
        this.sink = sink;
        this.expectedBytes = expectedBytes;
        this.received = received;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription arrived) {
        subscription = arrived;
        arrived.request(1);
    }

    /** After this the sink gets nothing more: a connection that was given up may still have bytes on the way. */
    synchronized void revoke() {
        revoked = true;
    }

    @Override
    public synchronized void onNext(List<ByteBuffer> buffers) {
        Flow.Subscription from = subscription;
        if (revoked || body.isDone() || from == null) {
            return;
        }
        try {
            for (ByteBuffer buffer : buffers) {
                if (received.get() + buffer.remaining() > expectedBytes) {
                    throw new TooLong(expectedBytes);
                }
                int taken = buffer.remaining();
                accept(buffer);
                received.addAndGet(taken);
            }
            from.request(1);
        } catch (IOException e) {
            from.cancel();
            body.completeExceptionally(e);
        }
    }

    private void accept(ByteBuffer buffer) throws SinkFailure {
        try {
            sink.accept(buffer);
        } catch (IOException e) {
            throw new SinkFailure(e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(new byte[0]);
    }
}
