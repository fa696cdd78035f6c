package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;

/** Full disks, ended programs and several of them at once: fault cases 20 to 22. */
final class DiskFaultsTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final int SIZE = 300_000;

    @TempDir
    private Path folder;

    private HostileHub server;

    @BeforeEach
    void open() throws IOException {
        byte[] weights = new byte[SIZE];
        new Random(3).nextBytes(weights);
        server = new HostileHub().with(WEIGHTS, weights).with("config.json", "{}".getBytes());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Visitor visitor(Volume volume) {
        return new Visitor(Visitor.settings(server.endpoint()), folder, volume);
    }

    private Visitor arrivesWhole() throws IOException, InterruptedException {
        try (Visitor visitor = visitor(Volume.REAL)) {
            Path snapshot = visitor.download();
            assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
            return visitor;
        }
    }

    /** Fails at one kind of step, from the nth on. */
    private record Failing(String step, AtomicInteger left, String says, AtomicInteger notes) implements Volume {
        Failing(String step, int after, String says) {
            this(step, new AtomicInteger(after), says, new AtomicInteger());
        }

        private void at(String here) throws IOException {
            if (here.equals(step) && left.decrementAndGet() < 0) {
                throw new IOException(says);
            }
        }

        @Override
        public long usableBytes(Path where) {
            return 1L << 40;
        }

        @Override
        public void write(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
            at("write");
            Volume.REAL.write(channel, bytes, position);
        }

        @Override
        public void force(FileChannel channel) throws IOException {
            at("force");
            Volume.REAL.force(channel);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            boolean journal = to.getFileName().toString().endsWith(".json");
            notes.addAndGet(journal ? 1 : 0);
            at(journal ? "journal" : "rename");
            Volume.REAL.rename(from, to);
        }
    }

    /** Has every fourth range wait until what came before is noted, as on a network that is slower than the disk. */
    private void beSlowerThan(Failing volume) {
        AtomicInteger ranges = new AtomicInteger();
        server.setFault(request -> {
            int notes = request.isRange() ? ranges.getAndIncrement() / 4 : 0;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (volume.notes().get() < notes && System.nanoTime() < deadline && !Thread.interrupted()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            return false;
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "write 0",
                "write 3",
                "write 25",
                "force 0",
                "force 5",
                "journal 0",
                "journal 7",
                "rename 0",
                "rename 1"
            })
    void case20DiskIsFullAt(String when) throws Exception {
        String step = when.substring(0, when.indexOf(' '));
        int after = Integer.parseInt(when.substring(when.indexOf(' ') + 1));
        Failing volume = new Failing(step, after, "No space left on device");
        beSlowerThan(volume);
        try (Visitor visitor = visitor(volume)) {
            HubException failure = assertThrows(HubException.class, visitor::download);
            assertEquals(Reason.DISK_FULL, failure.reason(), failure.getMessage());
            assertTrue(failure.getMessage().contains("is kept"), failure.getMessage());
        }
        server.setFault(_ -> false);
        arrivesWhole();
    }

    /** Downloads until some notes of finished parts are on a disk that takes no more then. */
    private Path fillTheDiskAfter(int notes) throws IOException {
        Failing volume = new Failing("journal", notes, "Disk quota exceeded");
        beSlowerThan(volume);
        try (Visitor visitor = visitor(volume)) {
            assertEquals(
                    Reason.DISK_FULL,
                    assertThrows(HubException.class, visitor::download).reason());
            server.setFault(_ -> false);
            Path blobs = visitor.cache().folder(HostileHub.REPOSITORY).resolve("blobs");
            return blobs.resolve(HostileHub.sha256(server.content(WEIGHTS)) + ".atelier-part");
        }
    }

    @Test
    void case20FinishedPartsAreKeptWhenTheDiskIsFull() throws Exception {
        Path part = fillTheDiskAfter(6);
        Path journal = part.resolveSibling(part.getFileName() + ".json");
        int kept = new ObjectMapper().readTree(journal.toFile()).path("crc32c").size();
        assertTrue(kept >= 5, "only " + kept + " parts are noted");
        long received = arrivesWhole().receivedBytes();
        int config = server.content("config.json").length;
        assertTrue(received <= SIZE - kept * Visitor.PART_BYTES + config, "downloaded again: " + received);
    }

    /** A disk that takes its time with the first part doesn't keep the connections from bringing others. */
    @Test
    void connectionsGoOnWhilePartsAreForced() throws Exception {
        AtomicInteger forced = new AtomicInteger();
        int enough = 20;
        Volume slow = new Volume() {
            @Override
            public void force(FileChannel channel) throws IOException {
                Volume.REAL.force(channel);
                if (channel.size() != SIZE) {
                    return;
                }
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (server.ranges().size() < enough && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
                assertTrue(server.ranges().size() >= enough, "the connections waited for the disk");
                forced.incrementAndGet();
            }
        };
        try (Visitor visitor = visitor(slow)) {
            Path snapshot = visitor.download();
            assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
        }
        assertTrue(forced.get() < 30, "forced " + forced + " times for 30 parts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Read-only file system", "Input/output error"})
    void case20DiskCantBeWritten(String says) throws Exception {
        try (Visitor visitor = visitor(new Failing("write", 9, says))) {
            HubException failure = assertThrows(HubException.class, visitor::download);
            assertEquals(Reason.DISK_FAILED, failure.reason());
            assertTrue(failure.getMessage().contains(says), failure.getMessage());
        }
        arrivesWhole();
    }

    @Test
    void case20RefusedBeforeTheFirstByte() throws Exception {
        Volume small = new Volume() {
            @Override
            public long usableBytes(Path where) {
                return 200_000;
            }
        };
        try (Visitor visitor = visitor(small)) {
            HubException failure = assertThrows(HubException.class, visitor::download);
            assertEquals(Reason.DISK_FULL, failure.reason());
            assertEquals(List.of(), server.ranges());
        }
    }

    @Test
    void case20FolderGoesAwayWhileBytesCome() throws Exception {
        Path away = folder.resolveSibling("unplugged");
        AtomicInteger ranges = new AtomicInteger();
        server.setFault(request -> {
            if (request.isRange() && ranges.incrementAndGet() == 9) {
                Files.move(folder, away);
            }
            return false;
        });
        try (Visitor visitor = visitor(Volume.REAL)) {
            HubException failure = assertThrows(HubException.class, visitor::download);
            assertEquals(Reason.DISK_FAILED, failure.reason(), failure.getMessage());
        }
        deleteTree(folder);
        Files.move(away, folder);
        assertTrue(arrivesWhole().receivedBytes() < SIZE);
    }

    private static void deleteTree(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (var paths = Files.walk(tree)) {
                for (Path path :
                        paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    @Test
    void case21DamagedPartOrJournalIsNoticed() throws Exception {
        Path part = fillTheDiskAfter(6);
        try (var file = new RandomAccessFile(part.toFile(), "rw")) {
            file.seek(5);
            file.write(new byte[100]);
        }
        Visitor visitor = arrivesWhole();
        assertTrue(visitor.waits().isEmpty() && visitor.receivedBytes() >= Visitor.PART_BYTES);
        assertFalse(
                visitor.events().stream().anyMatch(TransferEvent.Dropped.class::isInstance), "noticed only at the end");
    }

    @Test
    void case21KilledAtAnyMoment() throws Exception {
        int kills = Integer.getInteger("atelier.kills", 5);
        Random moment = new Random(21);
        server.setFault(request -> {
            if (request.isRange()) {
                try {
                    Thread.sleep(25);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return false;
        });
        int killed = 0;
        int run = 0;
        while (killed < kills) {
            Path mine = Files.createDirectories(folder.resolve("run" + run));
            Process process = child(mine);
            int ranges = server.ranges().size();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
            int after = moment.nextInt(12);
            while (process.isAlive() && server.ranges().size() < ranges + after && System.nanoTime() < deadline) {
                Thread.sleep(5);
            }
            Thread.sleep(moment.nextInt(20));
            if (process.isAlive()) {
                process.destroyForcibly().waitFor();
                killed++;
            }
            if (killed % 3 == 0 && killed > 0 || killed == kills) {
                comesToItsEnd(mine);
                run++;
            }
        }
    }

    private void comesToItsEnd(Path mine) throws IOException, InterruptedException {
        Process process = child(mine);
        assertTrue(process.waitFor(600, TimeUnit.SECONDS), "hangs after a kill");
        assertEquals(0, process.exitValue());
        Path snapshot = HubCache.at(mine).snapshotFolder(HostileHub.REPOSITORY, HostileHub.COMMIT);
        assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    }

    private Process child(Path mine) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledDownload.class.getName(),
                        server.endpoint().toString(),
                        mine.toString())
                .inheritIO()
                .start();
    }

    /** A kill between the two steps of forgetting leaves a link to nothing. */
    @Test
    void case21ForgettingGoesOnWhereItWasEnded() throws Exception {
        try (Visitor visitor = visitor(Volume.REAL)) {
            HubCache cache = visitor.cache();
            Path file = visitor.download().resolve(WEIGHTS);
            Path blob = file.toRealPath();
            Files.delete(blob);
            cache.forget(HostileHub.REPOSITORY, HostileHub.COMMIT, WEIGHTS);
            assertFalse(Files.isSymbolicLink(file));
            visitor.download();
            cache.forget(HostileHub.REPOSITORY, HostileHub.COMMIT, WEIGHTS);
            assertFalse(Files.exists(blob) || Files.isSymbolicLink(file));
            Path outside = Files.createFile(folder.resolve("outside"));
            Files.createSymbolicLink(file, outside);
            cache.forget(HostileHub.REPOSITORY, HostileHub.COMMIT, WEIGHTS);
            assertTrue(Files.exists(outside) && !Files.isSymbolicLink(file), "a link led to another's file");
        }
    }

    @Test
    void case22TwoDownloadTheSameFile() throws Exception {
        List<Future<Path>> both = new ArrayList<>();
        try (Visitor one = visitor(Volume.REAL);
                Visitor other = visitor(Volume.REAL);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            both.add(threads.submit(one::download));
            both.add(threads.submit(other::download));
            for (Future<Path> path : both) {
                assertArrayEquals(
                        server.content(WEIGHTS), Files.readAllBytes(path.get().resolve(WEIGHTS)));
            }
            assertEquals(SIZE / Visitor.PART_BYTES, server.ranges().size(), "both downloaded");
        }
    }

    @Test
    void case22TwoProcessesDownloadTheSameFile() throws Exception {
        Process one = child(folder);
        Process other = child(folder);
        assertTrue(one.waitFor(600, TimeUnit.SECONDS) && other.waitFor(120, TimeUnit.SECONDS));
        assertEquals(0, one.exitValue());
        assertEquals(0, other.exitValue());
        arrivesWhole();
        assertEquals(30, server.ranges().size(), "parts were downloaded twice");
    }

    @Test
    void case22LockIsStolen() throws Exception {
        server.setFault(request -> {
            if (request.isRange() && request.first() == 150_000) {
                deleteTree(folder.resolve(".locks"));
            }
            return false;
        });
        arrivesWhole();
    }

    @Test
    void withoutLinksFilesLieInTheSnapshot() throws Exception {
        try (Visitor visitor = visitor(Volume.REAL)) {
            HubCache plain = new HubCache(folder, false);
            var downloader =
                    new Downloader(visitor.hub(), plain, Volume.REAL, new Downloader.Options(10_000, 2), Thread::sleep);
            var snapshot = visitor.pin();
            Path path = downloader.fetch(snapshot, snapshot.file(WEIGHTS).orElseThrow(), TransferEvent.IGNORED);
            assertFalse(Files.isSymbolicLink(path));
            assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(path));
        }
    }
}
