package studio.atelier.models.download;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/** A repository's wanted files, all at one commit: the small ones together, the large ones one after the other. */
public final class RepositoryDownload {
    private static final int SMALL_AT_ONCE = 8;

    private final Downloader downloader;

    public RepositoryDownload(Downloader downloader) {
        this.downloader = downloader;
    }

    /** Pins a revision and remembers what it holds; offline, what was remembered. */
    public Snapshot pin(RepoId repository, String revision, Consumer<TransferEvent> events)
            throws IOException, InterruptedException {
        HubCache cache = downloader.cache();
        if (!downloader.hub().http().settings().offline()) {
            Snapshot snapshot =
                    downloader.hub().snapshot(repository, revision, downloader.retries(repository.toString(), events));
            try {
                TreeRecord.write(cache, snapshot);
            } catch (IOException e) {
                throw DiskSpace.failed(cache.folder(repository), e);
            }
            return snapshot;
        }
        Optional<String> commit =
                revision.matches("[0-9a-f]{40}") ? Optional.of(revision) : cache.commit(repository, revision);
        Optional<Snapshot> remembered =
                commit.isEmpty() ? Optional.empty() : TreeRecord.read(cache, repository, revision, commit.get());
        return remembered.orElseThrow(() -> HubException.lasting(
                Reason.OFFLINE,
                repository + " at " + revision + " was never downloaded here, and working offline is switched on."));
    }

    /**
     * Downloads what is missing.
     *
     * @return the folder with the files
     * @throws HubException the first failure; what other files got is kept
     */
    public Path fetch(Snapshot snapshot, Wanted wanted, Consumer<TransferEvent> events)
            throws IOException, InterruptedException {
        HubCache cache = downloader.cache();
        List<RepoFile> missing = new ArrayList<>();
        for (RepoFile file : wanted.files()) {
            if (cache.find(snapshot.repository(), snapshot.commit(), file.path(), file.sizeBytes())
                    .isEmpty()) {
                missing.add(file);
            }
        }
        if (!missing.isEmpty() && downloader.hub().http().settings().offline()) {
            throw HubException.lasting(
                    Reason.OFFLINE,
                    missing.size() + " of " + wanted.files().size() + " files of " + snapshot.repository()
                            + " are not on this machine, and working offline is switched on.");
        }
        DiskSpace.check(
                downloader.volume(),
                cache.root(),
                missing.stream().mapToLong(RepoFile::sizeBytes).sum());
        together(snapshot, wanted.texts(), events);
        for (RepoFile file : wanted.weights()) {
            downloader.fetch(snapshot, file, events);
        }
        try {
            cache.point(snapshot);
        } catch (IOException e) {
            throw DiskSpace.failed(cache.folder(snapshot.repository()), e);
        }
        return cache.snapshotFolder(snapshot.repository(), snapshot.commit());
    }

    private void together(Snapshot snapshot, List<RepoFile> files, Consumer<TransferEvent> events)
            throws IOException, InterruptedException {
        var turns = new Semaphore(SMALL_AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Path>> running = new ArrayList<>();
            for (RepoFile file : files) {
                running.add(threads.submit(() -> {
                    turns.acquire();
                    try {
                        return downloader.fetch(snapshot, file, events);
                    } finally {
                        turns.release();
                    }
                }));
            }
            try {
                for (Future<Path> task : running) {
                    task.get();
                }
            } catch (ExecutionException e) {
                throw FileTransfer.unwrapped(e);
            } finally {
                running.forEach(task -> task.cancel(true));
            }
        }
    }
}
