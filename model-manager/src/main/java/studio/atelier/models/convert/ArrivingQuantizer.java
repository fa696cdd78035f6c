package studio.atelier.models.convert;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException;
import studio.atelier.models.download.DiskSpace;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Volume;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.Snapshot;

/**
 * Quantizes a repository while it arrives: each file of weights is quantized when it is whole and checked, and removed
 * when what became of it is on the disk for good. Never more than two such files are here. Whatever ends the program, the
 * next run goes on with the same bytes as if nothing had happened.
 *
 * <p>Until it is whole the new folder has another name. Interrupting the calling thread stops it.
 */
public final class ArrivingQuantizer {
    private static final int FILES_AT_ONCE = 2;

    /** What happens. Comes from several threads. */
    public sealed interface Event {
        /**
         * The model was read from its headers, and fits.
         *
         * @param outputBytes of the new model's weights
         */
        record Planned(long outputBytes, int shards, int shardsDone) implements Event {}

        /** Of a file on its way. */
        record Transfer(TransferEvent event) implements Event {}

        /** Part of a file is in the new model. */
        record Quantizing(String shard, long writtenBytes) implements Event {}

        /** A file is in the new model for good, and gone from here. */
        record ShardDone(String shard, int shardsDone, int shards) implements Event {}
    }

    private final Downloader downloader;
    private final Recipe recipe;
    private final long shardBytes;

    /** Brings files by {@code downloader}, whose cache gets the texts but not the weights. */
    public ArrivingQuantizer(Downloader downloader, Recipe recipe) {
        this(downloader, recipe, FolderQuantizer.SHARD_BYTES);
    }

    ArrivingQuantizer(Downloader downloader, Recipe recipe, long shardBytes) {
        this.downloader = downloader;
        this.recipe = recipe;
        this.shardBytes = shardBytes;
    }

    /** Where unfinished work for a target lies. */
    public static Path workFolder(Path target) {
        return target.toAbsolutePath().resolveSibling(target.getFileName() + ".arriving");
    }

    /** Removes unfinished work. */
    public static void discard(Path target) throws IOException {
        FolderQuantizer.remove(workFolder(target));
    }

    /**
     * Does it, or goes on with it.
     *
     * @param target a folder that is not there yet
     * @throws EngineException when the repository is no model that Atelier can run, or is quantized already
     */
    public void quantize(Snapshot snapshot, Wanted wanted, Path target, Finishing finishing, Consumer<Event> events)
            throws IOException, EngineException, InterruptedException {
        if (Files.exists(target)) {
            // A program that was ended after the last step but one left its work.
            discard(target);
            return;
        }
        try {
            make(snapshot, wanted, target, finishing, events);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            throw DiskSpace.failed(workFolder(target), e);
        }
    }

    private void make(Snapshot snapshot, Wanted wanted, Path target, Finishing finishing, Consumer<Event> events)
            throws IOException, EngineException, InterruptedException {
        String identity = snapshot.repository() + "@" + snapshot.commit() + " " + recipe;
        Arrival arrival = Arrival.open(workFolder(target), identity, downloader, snapshot, wanted);
        Consumer<TransferEvent> transfers = event -> events.accept(new Event.Transfer(event));
        arrival.prepare(transfers);
        try (Arrival.Targets targets = arrival.plan(recipe, shardBytes)) {
            ArrivalJournal journal = arrival.journal();
            List<RepoFile> pending = wanted.weights().stream()
                    .filter(file -> !journal.done().contains(file.path()))
                    .toList();
            int shards = wanted.weights().size();
            events.accept(new Event.Planned(targets.sizeBytes(), shards, shards - pending.size()));
            long most = pending.stream().mapToLong(RepoFile::sizeBytes).max().orElse(0);
            long unwritten = targets.sizeBytes() * pending.size() / shards;
            DiskSpace.check(Volume.REAL, target.toAbsolutePath(), unwritten + FILES_AT_ONCE * most);
            work(arrival, targets, pending, snapshot, shards, events, transfers);
        }
        Path made = arrival.finish();
        finishing.finish(made, arrival.journal().errors());
        Files.move(made, target.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        discard(target);
    }

    private void work(
            Arrival arrival,
            Arrival.Targets targets,
            List<RepoFile> pending,
            Snapshot snapshot,
            int shards,
            Consumer<Event> events,
            Consumer<TransferEvent> transfers)
            throws IOException, EngineException, InterruptedException {
        Downloader passing = downloader.into(HubCache.at(arrival.passingCache()));
        for (String done : arrival.journal().done()) {
            // A program that was ended between the two steps left it.
            passing.cache().forget(snapshot.repository(), snapshot.commit(), done);
        }
        var room = new Semaphore(FILES_AT_ONCE);
        Map<RepoFile, CompletableFuture<Path>> arriving = new LinkedHashMap<>();
        pending.forEach(file -> arriving.put(file, new CompletableFuture<>()));
        try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> fetching = thread.submit(() -> fetch(arriving, passing, snapshot, room, transfers));
            int done = shards - pending.size();
            try {
                for (Map.Entry<RepoFile, CompletableFuture<Path>> next : arriving.entrySet()) {
                    RepoFile file = next.getKey();
                    Path whole = await(next.getValue());
                    arrival.take(
                            file, whole, targets, written -> events.accept(new Event.Quantizing(file.path(), written)));
                    passing.cache().forget(snapshot.repository(), snapshot.commit(), file.path());
                    room.release();
                    events.accept(new Event.ShardDone(file.path(), ++done, shards));
                }
            } finally {
                fetching.cancel(true);
            }
        }
    }

    /** File after file while there is room; the first failure ends it. */
    private static void fetch(
            Map<RepoFile, CompletableFuture<Path>> arriving,
            Downloader passing,
            Snapshot snapshot,
            Semaphore room,
            Consumer<TransferEvent> transfers) {
        for (Map.Entry<RepoFile, CompletableFuture<Path>> next : arriving.entrySet()) {
            try {
                room.acquire();
                next.getValue().complete(passing.fetch(snapshot, next.getKey(), transfers));
            } catch (IOException | InterruptedException | RuntimeException e) {
                next.getValue().completeExceptionally(e);
                return;
            }
        }
    }

    private static Path await(CompletableFuture<Path> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException known -> throw known;
                case InterruptedException stopped -> throw stopped;
                case RuntimeException bug -> throw bug;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }
}
