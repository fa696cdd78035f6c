package studio.atelier.app.models;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.Models;
import studio.atelier.models.download.DownloadQueue;
import studio.atelier.models.download.QueueItem;

/**
 * What the pages about models stand on: opened at the first question, and anew after something that it was opened with
 * has changed. Any thread may ask; opening waits for a disk.
 */
final class Rooms implements AutoCloseable {
    /** Makes them: reading the environment may fail. */
    @FunctionalInterface
    interface Opening {
        Models open() throws IOException;
    }

    private final Opening opening;
    private final Consumer<List<QueueItem>> queueChanged;
    private @Nullable Models models;
    private @Nullable DownloadQueue queue;
    private boolean closed;

    /** Tells {@code queueChanged} about every change of the queue, and how it is when it is opened. */
    Rooms(Opening opening, Consumer<List<QueueItem>> queueChanged) {
        this.opening = opening;
        this.queueChanged = queueChanged;
    }

    synchronized Models models() throws IOException {
        if (closed) {
            throw new IOException("The window is closing.");
        }
        Models now = models;
        if (now == null) {
            now = opening.open();
            models = now;
        }
        return now;
    }

    synchronized DownloadQueue queue() throws IOException {
        DownloadQueue now = queue;
        if (now == null) {
            now = models().openQueue();
            now.listen(queueChanged);
            queue = now;
            queueChanged.accept(now.items());
        }
        return now;
    }

    /** The next question opens anew; what is on its way is kept and goes on then. */
    synchronized void forget() {
        if (queue != null) {
            queue.close();
            queue = null;
        }
        if (models != null) {
            models.close();
            models = null;
        }
    }

    /** Stops what is on its way; it goes on at the next start. */
    @Override
    public synchronized void close() {
        closed = true;
        forget();
    }
}
