package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Relay;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.Pauses;
import studio.atelier.models.hub.Snapshot;

/** A machine that sleeps, and networks that go: fault case 30. */
final class NetworkChangesTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final int SIZE = 300_000;

    @TempDir
    private Path folder;

    private HostileHub server;

    @BeforeEach
    void open() throws IOException {
        byte[] weights = new byte[SIZE];
        new Random(30).nextBytes(weights);
        server = new HostileHub().with(WEIGHTS, weights).with("config.json", "{}".getBytes());
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static void sleep(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private void isWhole() throws IOException {
        Path snapshot = HubCache.at(folder).snapshotFolder(HostileHub.REPOSITORY, HostileHub.COMMIT);
        assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    }

    @Test
    void case30MachineSleepsWhileBytesCome() throws Exception {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "no signal that stops a program");
        AtomicBoolean asleep = new AtomicBoolean();
        server.setFault(request -> {
            sleep(request.isRange() ? 25 : 0);
            if (asleep.get()) {
                // As routers do with connections that nobody keeps alive.
                request.exchange().close();
            }
            return asleep.get();
        });
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledDownload.class.getName(),
                        server.endpoint().toString(),
                        folder.toString())
                .inheritIO()
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
        while (server.ranges().size() < 8 && process.isAlive() && System.nanoTime() < deadline) {
            sleep(2);
        }
        signal(process, "STOP");
        asleep.set(true);
        sleep(1_500);
        asleep.set(false);
        assertTrue(process.isAlive() && server.ranges().size() < SIZE / Visitor.PART_BYTES, "it was done before");
        signal(process, "CONT");
        assertTrue(process.waitFor(600, TimeUnit.SECONDS), "sleeps on");
        assertEquals(0, process.exitValue());
        isWhole();
    }

    private static void signal(Process process, String signal) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor());
    }

    /** Downloads through a network; what its waits are used for is the caller's. */
    private Path download(Relay network, Pauses pauses, List<TransferEvent> events) throws Exception {
        URI endpoint = URI.create("http://127.0.0.1:" + network.port());
        try (Visitor visitor = new Visitor(endpoint, folder)) {
            var downloader = new Downloader(
                    visitor.hub(), visitor.cache(), Volume.REAL, new Downloader.Options(Visitor.PART_BYTES, 4), pauses);
            var download = new RepositoryDownload(downloader);
            Snapshot snapshot = download.pin(HostileHub.REPOSITORY, "main", events::add);
            return download.fetch(snapshot, Wanted.of(snapshot, Optional.empty()), events::add);
        }
    }

    @Test
    void case30NetworkComesBackWhileItIsWaitedFor() throws Exception {
        try (Relay hub = new Relay(server.endpoint().getPort(), () -> Relay.NEVER);
                Relay store = new Relay(server.storeEndpoint().getPort(), () -> Relay.NEVER)) {
            goesAwayAt(10, hub, store);
            // Fewer than the waits of one connection: it may be the only one that runs until then.
            int waitsAway = 4;
            AtomicInteger waits = new AtomicInteger();
            Object turn = new Object();
            List<TransferEvent> events = new java.util.concurrent.CopyOnWriteArrayList<>();
            download(
                    hub,
                    _ -> {
                        synchronized (turn) {
                            if (waits.incrementAndGet() == waitsAway) {
                                comesBack(hub, store);
                            }
                        }
                    },
                    events);
            isWhole();
            assertTrue(waits.get() >= waitsAway, "waited only " + waits);
            assertTrue(events.stream()
                    .anyMatch(event -> event instanceof TransferEvent.Waiting waiting
                            && waiting.failure().reason() == Reason.UNREACHABLE));
        }
    }

    @Test
    void case30NetworkStaysAway() throws Exception {
        try (Relay hub = new Relay(server.endpoint().getPort(), () -> Relay.NEVER);
                Relay store = new Relay(server.storeEndpoint().getPort(), () -> Relay.NEVER)) {
            goesAwayAt(10, hub, store);
            List<TransferEvent> events = new java.util.concurrent.CopyOnWriteArrayList<>();
            HubException failure = assertThrows(HubException.class, () -> download(hub, _ -> {}, events));
            assertEquals(Reason.UNREACHABLE, failure.reason(), failure.getMessage());
            assertTrue(failure.getMessage().contains("127.0.0.1"), failure.getMessage());
            server.setFault(_ -> false);
            comesBack(hub, store);
            events.clear();
            download(hub, _ -> {}, events);
            isWhole();
            long kept = events.stream()
                    .mapToLong(event -> event instanceof TransferEvent.Kept here ? here.bytes() : 0)
                    .sum();
            assertTrue(kept >= Visitor.PART_BYTES, "nothing was kept");
        }
    }

    private void goesAwayAt(int range, Relay hub, Relay store) {
        server.reachStoreThrough(store.port());
        AtomicInteger ranges = new AtomicInteger();
        server.setFault(request -> {
            sleep(request.isRange() ? 10 : 0);
            if (request.isRange() && ranges.incrementAndGet() == range) {
                hub.goesAway();
                store.goesAway();
            }
            return false;
        });
    }

    private static void comesBack(Relay hub, Relay store) {
        try {
            hub.comesBack();
            store.comesBack();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
