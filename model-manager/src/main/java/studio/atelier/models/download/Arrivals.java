package studio.atelier.models.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.hub.ContentHash;

/**
 * Parts of a file that came, and what is done with them beside the connections, which go on meanwhile: one thread makes
 * them durable, as many at a time as came while it forced the ones before; another hashes the file from its beginning as
 * far as it is there.
 */
final class Arrivals {
    private static final int BUFFER_BYTES = 256 << 10;

    private final PartFile parts;
    /** Nothing stands for the end. */
    private final BlockingQueue<Optional<PartFile.Part>> unsettled = new LinkedBlockingQueue<>();

    private final BitSet here = new BitSet();
    private boolean ended;
    private volatile @Nullable IOException failure;

    Arrivals(PartFile parts, List<PartFile.Part> missing) {
        this.parts = parts;
        here.set(0, parts.count());
        missing.forEach(part -> here.clear(part.index()));
    }

    /** This one is whole now. */
    synchronized void add(PartFile.Part part) {
        here.set(part.index());
        unsettled.add(Optional.of(part));
        notifyAll();
    }

    /** No more will come. */
    synchronized void end() {
        ended = true;
        unsettled.add(Optional.empty());
        notifyAll();
    }

    /** Throws what kept parts from being made durable, if anything did. */
    void check() throws IOException {
        IOException reason = failure;
        if (reason != null) {
            throw reason;
        }
    }

    /**
     * Makes parts durable until the end.
     *
     * @param onFailure called before this throws
     */
    boolean settle(Runnable onFailure) throws IOException, InterruptedException {
        boolean more = true;
        while (more) {
            List<Optional<PartFile.Part>> came = new ArrayList<>();
            came.add(unsettled.take());
            unsettled.drainTo(came);
            List<PartFile.Part> whole = came.stream().flatMap(Optional::stream).toList();
            more = whole.size() == came.size();
            try {
                if (!whole.isEmpty()) {
                    parts.settle(whole);
                }
            } catch (IOException e) {
                failure = e;
                onFailure.run();
                throw e;
            }
        }
        return true;
    }

    /** The hash of the file as it lies on the disk; empty when it will not be whole. */
    Optional<ContentHash> hash(ContentHash like) throws IOException, InterruptedException {
        ContentHash.Computation computation = like.begin(parts.sizeBytes());
        // On the heap, where the hash takes all of it at once; outside it would take 4 KB at a time.
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        // With a channel of its own, which an interrupt may close.
        try (FileChannel channel = FileChannel.open(parts.path(), StandardOpenOption.READ)) {
            for (int index = 0; index < parts.count(); index++) {
                if (!await(index)) {
                    return Optional.empty();
                }
                long at = parts.firstByte(index);
                long end = parts.firstByte(index + 1);
                while (at < end) {
                    buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - at));
                    int read = channel.read(buffer, at);
                    if (read < 0) {
                        throw new IOException("the file became shorter while it was read");
                    }
                    at += read;
                    computation.update(buffer.flip());
                }
            }
        }
        return Optional.of(computation.finish());
    }

    private synchronized boolean await(int index) throws InterruptedException {
        while (!here.get(index) && !ended) {
            wait();
        }
        return here.get(index);
    }
}
