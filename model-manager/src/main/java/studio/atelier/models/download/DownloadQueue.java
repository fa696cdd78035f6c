package studio.atelier.models.download;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.download.QueueItem.Progress;
import studio.atelier.models.download.QueueItem.Request;
import studio.atelier.models.download.QueueItem.State;

/**
 * Models on their way, one at a time, from the front. Every change is on the disk before it is told; progress is told
 * but not written. Any thread may call; listeners hear from the thread that made the change.
 */
public final class DownloadQueue implements AutoCloseable {
    /** What brings one model here. */
    public interface Job {
        /**
         * Brings it, going on where an earlier run ended. Interrupting stops it soon.
         *
         * @param pinned told the commit once it is known; from then on that commit is meant
         */
        void run(QueueItem item, Consumer<String> pinned, Consumer<Progress> progress)
                throws IOException, InterruptedException;

        /** Removes what unfinished runs left; nothing of finished models. */
        void discard(QueueItem item) throws IOException;
    }

    private final QueueFile file;
    private final Job job;
    private final Clock clock;
    private final List<Consumer<List<QueueItem>>> listeners = new ArrayList<>();
    private final ExecutorService worker = Executors.newVirtualThreadPerTaskExecutor();
    private final List<QueueItem> items;
    private long runningId = -1;
    private @Nullable Future<?> running;
    private boolean closed;

    private DownloadQueue(QueueFile file, Job job, Clock clock, List<QueueItem> items) {
        this.file = file;
        this.job = job;
        this.clock = clock;
        this.items = new ArrayList<>(items);
    }

    /** Opens the queue of an earlier run and goes on with it. */
    public static DownloadQueue open(Path file, Job job, Clock clock) throws IOException {
        QueueFile saved = new QueueFile(file);
        DownloadQueue queue = new DownloadQueue(saved, job, clock, saved.read());
        queue.startNext();
        return queue;
    }

    /** Front first. */
    public synchronized List<QueueItem> items() {
        return List.copyOf(items);
    }

    /** Hears of every change from now on. */
    public synchronized void listen(Consumer<List<QueueItem>> listener) {
        listeners.add(listener);
    }

    /** Adds at the end; the same request again starts the one that is there. */
    public QueueItem add(Request request) throws IOException {
        QueueItem item;
        synchronized (this) {
            Optional<QueueItem> same = items.stream()
                    .filter(known -> known.request().equals(request) && known.state() != State.FINISHED)
                    .findFirst();
            if (same.isPresent()) {
                item = same.get();
            } else {
                long id = items.stream().mapToLong(QueueItem::id).max().orElse(0) + 1;
                item = new QueueItem(id, request, State.WAITING, Optional.empty(), Progress.NONE, "", Optional.empty());
                items.add(item);
                file.write(items);
            }
        }
        resume(item.id());
        return item;
    }

    /** Stops one where it is; it keeps what it has. */
    public void pause(long id) throws IOException {
        change(
                id,
                item -> item.state() == State.WAITING || item.state() == State.RUNNING
                        ? item.in(State.PAUSED, "", Optional.of(clock.instant()))
                        : item);
        stop(id);
        startNext();
    }

    /** Lets a paused or failed one go on. */
    public void resume(long id) throws IOException {
        change(
                id,
                item -> item.state() == State.PAUSED || item.state() == State.FAILED
                        ? item.in(State.WAITING, "", Optional.empty())
                        : item);
        startNext();
    }

    /** Takes one out and removes what it has downloaded so far. */
    public void cancel(long id) throws IOException, InterruptedException {
        Optional<QueueItem> item = find(id);
        change(id, known -> known.in(State.PAUSED, "", Optional.of(clock.instant())));
        stop(id);
        awaitStopped(id);
        if (item.isPresent() && item.get().state() != State.FINISHED) {
            job.discard(item.get());
        }
        remove(id);
        startNext();
    }

    private synchronized void awaitStopped(long id) throws InterruptedException {
        while (runningId == id) {
            wait();
        }
    }

    /** Takes a finished or failed one off the list. */
    public void remove(long id) throws IOException {
        synchronized (this) {
            items.removeIf(item -> item.id() == id);
            file.write(items);
        }
        tell();
    }

    /** Lets one go before all others; a running one waits for it. */
    public void moveToFront(long id) throws IOException {
        long displaced;
        synchronized (this) {
            Optional<QueueItem> item =
                    items.stream().filter(known -> known.id() == id).findFirst();
            if (item.isEmpty()) {
                return;
            }
            items.remove(item.get());
            items.addFirst(item.get());
            file.write(items);
            displaced = runningId != id && item.get().state() == State.WAITING ? runningId : -1;
        }
        if (displaced >= 0) {
            change(displaced, item -> item.in(State.WAITING, "", Optional.empty()));
            stop(displaced);
        }
        tell();
        startNext();
    }

    private synchronized Optional<QueueItem> find(long id) {
        return items.stream().filter(item -> item.id() == id).findFirst();
    }

    private synchronized void stop(long id) {
        Future<?> stopped = running;
        if (runningId == id && stopped != null) {
            stopped.cancel(true);
        }
    }

    private synchronized void startNext() {
        if (closed || runningId >= 0) {
            return;
        }
        Optional<QueueItem> next =
                items.stream().filter(item -> item.state() == State.WAITING).findFirst();
        if (next.isPresent()) {
            runningId = next.get().id();
            running = worker.submit(() -> work(next.get().id()));
        }
    }

    private void work(long id) {
        try {
            change(id, item -> item.in(State.RUNNING, "", Optional.empty()));
            Optional<QueueItem> item = find(id);
            if (item.isPresent()) {
                job.run(
                        item.get(),
                        commit -> note(id, known -> known.pinned(commit)),
                        progress -> progressed(id, progress));
                change(id, known -> known.in(State.FINISHED, "", Optional.of(clock.instant())));
            }
        } catch (InterruptedException e) {
            // Whoever interrupted has set the state already.
            Thread.interrupted();
        } catch (IOException | RuntimeException e) {
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            boolean ended = isClosed();
            note(
                    id,
                    known -> known.state() == State.RUNNING && !ended
                            ? known.in(State.FAILED, message, Optional.of(clock.instant()))
                            : known);
        } finally {
            // The interrupt has done its work; what follows must not be cut short by it.
            Thread.interrupted();
            synchronized (this) {
                runningId = -1;
                running = null;
                notifyAll();
            }
            startNext();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void progressed(long id, Progress progress) {
        synchronized (this) {
            items.replaceAll(item -> item.id() == id ? item.at(progress) : item);
        }
        tell();
    }

    /** A change that must not end the work when the disk refuses it. */
    private void note(long id, UnaryOperator<QueueItem> how) {
        try {
            change(id, how);
        } catch (IOException e) {
            tell();
        }
    }

    private void change(long id, UnaryOperator<QueueItem> how) throws IOException {
        synchronized (this) {
            items.replaceAll(item -> item.id() == id ? how.apply(item) : item);
            file.write(items);
        }
        tell();
    }

    private void tell() {
        List<QueueItem> now;
        List<Consumer<List<QueueItem>>> told;
        synchronized (this) {
            now = List.copyOf(items);
            told = List.copyOf(listeners);
        }
        told.forEach(listener -> listener.accept(now));
    }

    /** Stops the running one where it is and waits for that; everything goes on at the next start. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        worker.shutdownNow();
        worker.close();
    }
}
