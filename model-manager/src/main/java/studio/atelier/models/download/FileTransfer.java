package studio.atelier.models.download;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

    void run(PartFile parts, Located located, Preflight preflight) throws IOException, InterruptedException {
        List<PartFile.Part> missing = parts.missing();
        long kept = parts.keptBytes(missing);
        if (kept > 0) {
            events.accept(new TransferEvent.Kept(file.path(), kept));
        }
        preflight.check(located.sizeBytes() - kept);
        var queue = new ConcurrentLinkedQueue<>(missing);
        var address = new Address(located);
        int workers = Math.min(options.connections(), missing.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var done = new ExecutorCompletionService<Boolean>(threads);
            List<Future<Boolean>> running = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                running.add(done.submit(() -> fill(queue, address)));
            }
            try {
                for (int worker = 0; worker < workers; worker++) {
                    done.take().get();
                }
            } catch (ExecutionException e) {
                throw unwrapped(e);
            } finally {
                running.forEach(task -> task.cancel(true));
            }
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

    private boolean fill(ConcurrentLinkedQueue<PartFile.Part> queue, Address address)
            throws IOException, InterruptedException {
        PartFile.Part part;
        while ((part = queue.poll()) != null) {
            Retries patience = retries.again();
            while (part.firstByte() <= part.lastByte()) {
                read(part, address, patience);
            }
            part.finish();
        }
        return true;
    }

    private void read(PartFile.Part part, Address address, Retries patience) throws IOException, InterruptedException {
        Located located = address.current();
        long before = part.doneBytes();
        try {
            PartFile.Part filled = part;
            hub.http().read(located, part.firstByte(), part.lastByte(), bytes -> {
                int taken = bytes.remaining();
                filled.write(bytes);
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
