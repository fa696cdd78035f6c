package studio.atelier.models.download;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.hub.ContentHash;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.Located;
import studio.atelier.models.hub.ModelHub;
import studio.atelier.models.hub.Pauses;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Retries;
import studio.atelier.models.hub.Snapshot;

/**
 * Brings files of a repository into the shared cache. What it returns has the hash that the hub lists; what it leaves
 * behind after a failure is taken up again by the next attempt, in this process or another.
 *
 * <p>Interrupting the calling thread stops it. Several threads may fetch different files; the same file is fetched once.
 */
public final class Downloader {
    private static final Duration LOCK_PAUSE = Duration.ofMillis(500);

    /**
     * How bytes are asked for.
     *
     * @param partBytes of one request, the unit that survives a crash
     * @param connections at once for one file
     */
    public record Options(long partBytes, int connections) {
        public static final Options USUAL = new Options(64L << 20, 4);

        public Options {
            if (partBytes < 1 || connections < 1 || connections > 32) {
                throw new IllegalArgumentException(
                        "options: expected parts of 1 byte or more and 1 to 32 connections, got " + partBytes + " and "
                                + connections);
            }
        }
    }

    private final ModelHub hub;
    private final HubCache cache;
    private final Volume volume;
    private final Options options;
    private final Pauses pauses;

    public Downloader(ModelHub hub, HubCache cache, Volume volume, Options options, Pauses pauses) {
        this.hub = hub;
        this.cache = cache;
        this.volume = volume;
        this.options = options;
        this.pauses = pauses;
    }

    /** With the usual options, on the real disk. */
    public static Downloader usual(ModelHub hub, HubCache cache) {
        return new Downloader(hub, cache, Volume.REAL, Options.USUAL, Pauses.REAL);
    }

    /** The same, into another cache. */
    public Downloader into(HubCache other) {
        return new Downloader(hub, other, volume, options, pauses);
    }

    public HubCache cache() {
        return cache;
    }

    public ModelHub hub() {
        return hub;
    }

    Volume volume() {
        return volume;
    }

    /** Patience that tells about its waits. */
    public Retries retries(String path, Consumer<TransferEvent> events) {
        return new Retries(pauses, (failure, wait) -> events.accept(new TransferEvent.Waiting(path, failure, wait)));
    }

    /**
     * A file of a commit, downloaded unless it is here.
     *
     * @throws HubException one sentence: what happened, the number, what to do
     */
    public Path fetch(Snapshot snapshot, RepoFile file, Consumer<TransferEvent> events)
            throws IOException, InterruptedException {
        RepoId repository = snapshot.repository();
        Optional<Path> here = cache.find(repository, snapshot.commit(), file.path(), file.sizeBytes());
        if (here.isPresent()) {
            events.accept(new TransferEvent.Kept(file.path(), file.sizeBytes()));
            events.accept(new TransferEvent.Finished(file.path()));
            return here.get();
        }
        Retries retries = retries(file.path(), events);
        Located located = ModelHub.ask(retries, () -> hub.locate(snapshot, file));
        ContentHash hash = file.hash()
                .or(located::hash)
                .orElseThrow(() -> HubException.lasting(
                        Reason.NOT_A_HUB,
                        "The hub names no hash of " + file.path()
                                + ", so it could not be checked; choose another source."));
        try {
            cache.prepare(repository, snapshot.commit());
            Path blob = cache.blob(repository, hash.hex());
            try (FileChannel ignored = lock(cache.lock(repository, hash.hex()))) {
                if (Files.isRegularFile(blob) && Files.size(blob) == file.sizeBytes()) {
                    events.accept(new TransferEvent.Kept(file.path(), file.sizeBytes()));
                } else if (file.sizeBytes() == 0) {
                    Files.write(blob, new byte[0]);
                } else {
                    download(new FileTransfer(hub, snapshot, file, hash, options, retries, events), located, blob);
                }
                Path placed = cache.place(repository, snapshot.commit(), file.path(), blob);
                events.accept(new TransferEvent.Finished(file.path()));
                return placed;
            }
        } catch (java.nio.file.FileSystemException e) {
            throw DiskSpace.failed(cache.folder(repository), e);
        }
    }

    private void download(FileTransfer transfer, Located located, Path blob) throws IOException, InterruptedException {
        Path partial = blob.resolveSibling(blob.getFileName() + ".atelier-part");
        String hash = transfer.hash().hex();
        for (int attempt = 1; ; attempt++) {
            ContentHash found;
            try (PartFile parts = PartFile.open(volume, partial, hash, located.sizeBytes(), options.partBytes())) {
                found = transfer.run(parts, located, missing -> DiskSpace.check(volume, blob, missing));
                if (found.equals(transfer.hash())) {
                    parts.moveTo(blob);
                    return;
                }
                parts.restart();
                transfer.events().accept(new TransferEvent.Dropped(located.path(), located.sizeBytes()));
            } catch (HubException e) {
                throw e;
            } catch (ClosedByInterruptException e) {
                throw stopped(e);
            } catch (IOException e) {
                if (Files.isRegularFile(blob)) {
                    // Another program, on a disk whose locks don't hold, was faster with the same file.
                    return;
                }
                throw DiskSpace.failed(partial, e);
            }
            if (attempt == 2) {
                Path aside = blob.resolveSibling(blob.getFileName() + ".atelier-corrupt");
                Files.move(partial, aside, StandardCopyOption.REPLACE_EXISTING);
                throw HubException.lasting(
                        Reason.CORRUPT,
                        located.path() + " arrived twice with other bytes than listed: expected " + transfer.hash()
                                + ", got " + found + "; try again later or choose another source.");
            }
        }
    }

    private static InterruptedException stopped(ClosedByInterruptException e) {
        Thread.interrupted();
        var stopped = new InterruptedException("stopped while a file was open");
        stopped.initCause(e);
        return stopped;
    }

    /** Waits for another program that downloads the same file. */
    private static FileChannel lock(Path file) throws IOException, InterruptedException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            while (true) {
                if (tryLock(channel) != null) {
                    return channel;
                }
                Pauses.REAL.pause(LOCK_PAUSE);
            }
        } catch (IOException | InterruptedException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
