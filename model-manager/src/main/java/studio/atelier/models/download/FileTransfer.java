package studio.atelier.models.download;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import studio.atelier.models.hub.ContentHash;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.Located;
import studio.atelier.models.hub.ModelHub;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.Snapshot;

/** The way of one file's missing parts: several connections, each with its own patience. */
record FileTransfer(
        ModelHub hub,
        Snapshot snapshot,
        RepoFile file,
        ContentHash hash,
        Downloader.Options options,
        Retries retries,
        Consumer<TransferEvent> events) {

    /** May refuse, knowing how many bytes are to come. */
    @FunctionalInterface
    interface Preflight {
        void check(long missingBytes) throws IOException;
    }

    /** The address in use; a signed one runs out and is asked for anew by the first connection that notices. */
    private static final class Address {
        private Located located;

        Address(Located located) {
            this.located = located;
        }

        synchronized Located current() {
            return located;
        }

        synchronized void refresh(Located stale, FileTransfer transfer) throws HubException, InterruptedException {
            if (located != stale) {
                return;
            }
            Located fresh =
                    ModelHub.ask(transfer.retries(), () -> transfer.hub().locate(transfer.snapshot(), transfer.file()));
            if (fresh.hash().isPresent() && !fresh.hash().get().equals(transfer.hash())) {
                throw HubException.lasting(
                        Reason.CHANGED,
                        transfer.file().path() + " is now " + fresh.hash().get() + ", not " + transfer.hash()
                                + "; start the download again to get the new version.");
            }
            located = fresh;
        }
    }

    /**
     * Brings what is missing and hashes the file meanwhile.
     *
     * @return the hash of the file as it lies on the disk
     */
    ContentHash run(PartFile parts, Located located, Preflight preflight) throws IOException, InterruptedException {
        List<PartFile.Part> missing = parts.missing();
        long kept = parts.keptBytes(missing);
        if (kept > 0) {
            events.accept(new TransferEvent.Kept(file.path(), kept));
        }
        preflight.check(located.sizeBytes() - kept);
        var arrivals = new Arrivals(parts, missing);
        try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Optional<ContentHash>> hashing = beside.submit(() -> arrivals.hash(hash));
            boolean brought = false;
            try {
                bring(located, missing, arrivals);
                brought = true;
            } finally {
                if (!brought) {
                    hashing.cancel(true);
                }
            }
            return hashing.get().orElseThrow();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        }
    }

    /** Brings parts. Whatever ends this, those that are whole are durable then, and none is written to any more. */
    void bring(Located located, List<PartFile.Part> missing, Arrivals arrivals)
            throws IOException, InterruptedException {
        ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();
        try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> settling = beside.submit(() -> arrivals.settle(connections::shutdownNow));
            try (connections) {
                int count = Math.min(options.connections(), missing.size());
                fill(connections, count, new ConcurrentLinkedQueue<>(missing), new Address(located), arrivals);
                events.accept(new TransferEvent.Verifying(file.path()));
            } finally {
                arrivals.end();
            }
            settling.get();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        }
    }

    private void fill(
            ExecutorService connections, int count, Queue<PartFile.Part> queue, Address address, Arrivals arrivals)
            throws IOException, InterruptedException {
        var done = new ExecutorCompletionService<Boolean>(connections);
        List<Future<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            running.add(done.submit(() -> fill(queue, address, arrivals)));
        }
        try {
            for (int i = 0; i < count; i++) {
                done.take().get();
            }
        } catch (ExecutionException e) {
            // What stopped the connections comes before how they stopped.
            arrivals.check();
            throw unwrapped(e);
        } finally {
            running.forEach(task -> task.cancel(true));
        }
    }

    static IOException unwrapped(ExecutionException failure) throws InterruptedException {
        return switch (failure.getCause()) {
            case IOException known -> known;
            case InterruptedException interrupted -> throw interrupted;
            case RuntimeException bug -> throw bug;
            case Error error -> throw error;
            case null, default -> throw new IllegalStateException(failure);
        };
    }

    private boolean fill(Queue<PartFile.Part> queue, Address address, Arrivals arrivals)
            throws IOException, InterruptedException {
        PartFile.Part part;
        while ((part = queue.poll()) != null) {
            Retries patience = retries.again();
            while (!part.isWhole()) {
                read(part, address, patience);
            }
            arrivals.add(part);
        }
        return true;
    }

    private void read(PartFile.Part part, Address address, Retries patience) throws IOException, InterruptedException {
        Located located = address.current();
        long before = part.doneBytes();
        try {
            hub.http().read(located, part.firstByte(), part.lastByte(), bytes -> {
                int taken = bytes.remaining();
                part.write(bytes);
                events.accept(new TransferEvent.Received(file.path(), taken));
            });
        } catch (HubException failure) {
            if (part.doneBytes() > before) {
                patience.progressed();
            }
            if (failure.reason() == Reason.RANGE_IGNORED && part.doneBytes() > 0) {
                // Whatever came may belong elsewhere.
                events.accept(new TransferEvent.Dropped(file.path(), part.doneBytes()));
                part.reset();
            }
            patience.waitAfter(failure);
            if (failure.reason() == Reason.ADDRESS_EXPIRED) {
                address.refresh(located, this);
            }
        }
    }
}
