package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
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
import studio.atelier.models.hostile.HostileHub.Fault;
import studio.atelier.models.hostile.HostileHub.Request;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.HubSettings;

/** What goes wrong while bytes come: fault cases 1 to 9, 11 to 15, 17 and 30. The numbers are the catalogue's. */
final class TransferFaultsTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    private Path folder;

    private HostileHub server;
    private Visitor visitor;

    @BeforeEach
    void open() throws IOException {
        byte[] weights = new byte[55_555];
        new Random(7).nextBytes(weights);
        server = new HostileHub().with(WEIGHTS, weights).with("config.json", "{\"model_type\":\"llama\"}".getBytes());
        visitor = new Visitor(server.endpoint(), folder);
    }

    @AfterEach
    void close() {
        visitor.close();
        server.close();
    }

    private void arrivesWhole() throws IOException, InterruptedException {
        Path snapshot = visitor.download();
        assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
        assertArrayEquals(server.content("config.json"), Files.readAllBytes(snapshot.resolve("config.json")));
        try (var blobs =
                Files.list(visitor.cache().folder(HostileHub.REPOSITORY).resolve("blobs"))) {
            assertEquals(2, blobs.count(), "something was left beside the blobs");
        }
    }

    private HubException fails(Reason reason) {
        HubException failure = assertThrows(HubException.class, visitor::download);
        assertEquals(reason, failure.reason(), failure.getMessage());
        assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
        return failure;
    }

    /** Faulty for the first requests of this kind, then as it should be. */
    private static Fault first(int times, java.util.function.Predicate<Request> which, Fault fault) {
        AtomicInteger left = new AtomicInteger(times);
        return request -> which.test(request) && left.getAndDecrement() > 0 && fault.answers(request);
    }

    private static Fault answering(int status, Map<String, String> headers) {
        return request -> {
            request.answer(status, headers, new byte[0]);
            return true;
        };
    }

    @Test
    void nothingWrong() throws Exception {
        arrivesWhole();
        assertEquals(6, server.ranges().size());
        assertEquals(
                HostileHub.COMMIT,
                Files.readString(visitor.cache().folder(HostileHub.REPOSITORY).resolve("refs/main")));
        assertTrue(Files.isSymbolicLink(visitor.cache()
                .snapshotFolder(HostileHub.REPOSITORY, HostileHub.COMMIT)
                .resolve(WEIGHTS)));
        server.forget();
        arrivesWhole();
        assertEquals(List.of(), server.ranges(), "what is here was downloaded again");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4_321, 9_998})
    void case01and02ConnectionIsCut(int afterBytes) throws Exception {
        // No more than one part's patience, in case that one part meets them all.
        server.setFault(first(5, Request::isRange, request -> {
            server.cut(request, afterBytes);
            return true;
        }));
        arrivesWhole();
        assertEquals(5, visitor.waits().size());
        boolean goesOn = server.ranges().stream()
                .anyMatch(range -> afterBytes > 1 && !range.matches("bytes=\\d+0000-.*|bytes=0-.*"));
        assertEquals(afterBytes > 1, goesOn, "a cut part begins at its first byte: " + server.ranges());
    }

    @Test
    void case03WholeFileInsteadOfTheRest() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        server.setFault(request -> {
            if (!request.isRange() || request.first() / 10_000 != 2) {
                return false;
            }
            if (seen.incrementAndGet() == 1) {
                server.cut(request, 5_000);
                return true;
            }
            if (seen.get() == 2) {
                request.answer(200, Map.of(), server.content(WEIGHTS));
                return true;
            }
            return false;
        });
        arrivesWhole();
        assertTrue(
                server.ranges().stream().filter("bytes=20000-29999"::equals).count() == 2,
                server.ranges().toString());
    }

    @Test
    void case03ServerNeverKnowsRanges() {
        server.setFault(request -> {
            if (request.isRange()) {
                request.answer(200, Map.of(), server.content(WEIGHTS));
            }
            return request.isRange();
        });
        HubException failure = fails(Reason.RANGE_IGNORED);
        assertTrue(failure.getMessage().contains("was asked for bytes"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 1-9999/55555", "bytes 0-9998/55555", "bytes=0-9999", ""})
    void case04WrongContentRange(String header) throws Exception {
        server.setFault(first(3, Request::isRange, request -> {
            request.answer(206, Map.of("Content-Range", header), new byte[10_000]);
            return true;
        }));
        arrivesWhole();
    }

    @Test
    void case04WrongTotal() {
        server.setFault(request -> {
            if (request.isRange()) {
                String range = "bytes " + request.first() + "-" + (request.first() + 9_999) + "/99999";
                request.answer(206, Map.of("Content-Range", range), new byte[10_000]);
            }
            return request.isRange();
        });
        HubException failure = fails(Reason.CHANGED);
        assertTrue(failure.getMessage().contains("99999"), failure.getMessage());
        assertTrue(failure.getMessage().contains("55555"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {9_999, 10_001, 40_000})
    void case05BodyOfAnotherLength(int length) throws Exception {
        server.setFault(first(2, request -> request.isRange() && request.first() == 0, request -> {
            request.answer(206, Map.of("Content-Range", "bytes 0-9999/55555"), new byte[length]);
            return true;
        }));
        arrivesWhole();
    }

    @ParameterizedTest
    @ValueSource(ints = {10_000, 9_000, 12_000})
    void case06ChunkedWithoutLength(int length) throws Exception {
        server.setFault(first(1, request -> request.isRange() && request.first() == 0, request -> {
            request.exchange().getResponseHeaders().set("Content-Range", "bytes 0-9999/55555");
            request.exchange().sendResponseHeaders(206, 0);
            request.exchange().getResponseBody().write(server.content(WEIGHTS), 0, length);
            request.exchange().getResponseBody().close();
            return true;
        }));
        arrivesWhole();
    }

    @Test
    void case07CompressedThoughNotAskedFor() throws Exception {
        server.setFault(first(2, Request::isRange, request -> {
            request.answer(
                    206, Map.of("Content-Encoding", "gzip", "Content-Range", "bytes 0-9999/55555"), new byte[10_000]);
            return true;
        }));
        arrivesWhole();
        assertTrue(server.seen().stream()
                .allMatch(request -> request.headers().get("Accept-encoding").equals(List.of("identity"))));
    }

    @Test
    void case08LargeFilesOnlyInRanges() throws Exception {
        server.setFault(request -> {
            boolean whole = request.isRange() && request.header("Range").isEmpty();
            if (whole) {
                request.answer(400);
            }
            return whole;
        });
        arrivesWhole();
        assertFalse(server.ranges().contains("none"), "a file was asked for without a range");
    }

    @Test
    void case09RangeNotSatisfiable() throws Exception {
        server.setFault(first(2, Request::isRange, answering(416, Map.of("Content-Range", "bytes */55555"))));
        arrivesWhole();
    }

    @Test
    void case09FileHasAnotherSizeNow() {
        server.setFault(request -> request.isRange()
                && answering(416, Map.of("Content-Range", "bytes */4")).answers(request));
        assertTrue(fails(Reason.CHANGED).getMessage().contains("has 4 bytes"));
    }

    private Fault flipping(int times) {
        return first(times, request -> request.isRange() && request.first() == 20_000, request -> {
            byte[] part = Arrays.copyOfRange(server.content(WEIGHTS), 20_000, 30_000);
            part[1234] ^= 4;
            request.answer(206, Map.of("Content-Range", "bytes 20000-29999/55555"), part);
            return true;
        });
    }

    @Test
    void case11BitFlipsOnce() throws Exception {
        server.setFault(flipping(1));
        arrivesWhole();
        assertTrue(visitor.events().contains(new TransferEvent.Dropped(WEIGHTS, 55_555)));
    }

    @Test
    void case11BitFlipsAlways() throws Exception {
        server.setFault(flipping(Integer.MAX_VALUE));
        HubException failure = fails(Reason.CORRUPT);
        assertTrue(failure.getMessage().contains(HostileHub.sha256(server.content(WEIGHTS))), failure.getMessage());
        Path snapshot = visitor.cache().snapshotFolder(HostileHub.REPOSITORY, HostileHub.COMMIT);
        assertFalse(Files.exists(snapshot.resolve(WEIGHTS)), "a corrupt file has a name");
        assertTrue(Files.exists(snapshot.resolve("config.json")), "what was whole is lost");
        server.setFault(_ -> false);
        Path whole = visitor.download();
        assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(whole.resolve(WEIGHTS)));
    }

    @Test
    void case12SmallFileOfAnotherHash() {
        server.setFault(request -> {
            boolean small = request.method().equals("GET") && request.path().endsWith("/config.json");
            if (small) {
                HostileHub.range(request, "{\"model_type\":\"lLama\"}".getBytes());
            }
            return small;
        });
        HubException failure = fails(Reason.CORRUPT);
        assertTrue(failure.getMessage().contains("config.json"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 500, 502, 503, 504})
    void case13ServerIsInTrouble(int status) throws Exception {
        // Each thing that is asked for fails twice: with one count for all, a part could meet every failure.
        Map<String, Integer> times = new ConcurrentHashMap<>();
        server.setFault(request -> {
            String asked = request.method()
                    + request.path()
                    + request.exchange().getRequestHeaders().getFirst("Range");
            boolean bad = times.merge(asked, 1, Integer::sum) <= 2;
            if (bad) {
                request.answer(status);
            }
            return bad;
        });
        arrivesWhole();
        assertTrue(visitor.waits().stream().allMatch(pause -> pause.toMillis() >= 1_000 && pause.toMillis() < 10_000));
    }

    @Test
    void case13ServerStaysInTrouble() {
        server.setFault(request -> request.isRange() && answering(503, Map.of()).answers(request));
        HubException failure = fails(Reason.SERVER_FAILED);
        assertTrue(failure.getMessage().contains("503"), failure.getMessage());
        assertTrue(visitor.waits().size() >= 5, "gave up after " + visitor.waits());
    }

    private List<Duration> waitsFor(Map<String, String> headers) throws Exception {
        server.setFault(first(1, request -> request.path().contains("/tree/"), answering(429, headers)));
        arrivesWhole();
        assertEquals(1, visitor.waits().size());
        return visitor.waits();
    }

    @Test
    void case14TooManyRequestsInSeconds() throws Exception {
        assertEquals(List.of(Duration.ofSeconds(3)), waitsFor(Map.of("Retry-After", "3")));
    }

    @Test
    void case14TooManyRequestsUntilADate() throws Exception {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(40));
        Duration pause = waitsFor(Map.of("Retry-After", date)).getFirst();
        assertTrue(pause.toSeconds() >= 36 && pause.toSeconds() <= 42, pause.toString());
    }

    @Test
    void case14NothingLeftInThisWindow() throws Exception {
        assertEquals(
                List.of(Duration.ofSeconds(6)),
                waitsFor(Map.of(
                        "RateLimit", "\"api\";r=0;t=5", "RateLimit-Policy", "\"fixed window\";\"api\";q=500;w=300")));
    }

    @Test
    void case14SomethingLeftInThisWindow() throws Exception {
        Duration pause = waitsFor(Map.of("RateLimit", "\"api\";r=12;t=200")).getFirst();
        assertTrue(pause.toSeconds() < 3, pause.toString());
    }

    @Test
    void case15SignedAddressRunsOutAndIsRenewed() throws Exception {
        AtomicInteger ranges = new AtomicInteger();
        server.setFault(request -> {
            if (request.isRange() && ranges.incrementAndGet() == 3) {
                server.expireAddresses();
            }
            return false;
        });
        arrivesWhole();
        long heads = server.seen().stream()
                .filter(request ->
                        request.method().equals("HEAD") && request.target().endsWith(WEIGHTS))
                .count();
        assertEquals(2, heads, "each connection asked for its own new address");
    }

    @Test
    void case15SignedAddressCantBeRenewed() throws Exception {
        AtomicInteger ranges = new AtomicInteger();
        server.setFault(request -> {
            if (request.isRange() && ranges.incrementAndGet() == 3) {
                server.expireAddresses();
            }
            boolean head = ranges.get() >= 3 && request.method().equals("HEAD");
            if (head) {
                // The parts that were on their way arrive meanwhile.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                request.answer(
                        401, Map.of("X-Error-Message", "Invalid credentials in Authorization header"), new byte[0]);
            }
            return head;
        });
        fails(Reason.TOKEN_INVALID);
        server.setFault(_ -> false);
        visitor.events().clear();
        arrivesWhole();
        assertTrue(visitor.receivedBytes() < 55_555, "finished parts were downloaded again");
    }

    private void trickle(Request request, int bytes, long everyMillis) throws IOException {
        request.exchange()
                .getResponseHeaders()
                .set("Content-Range", "bytes " + request.first() + "-" + (request.first() + 9_999) + "/55555");
        request.exchange().sendResponseHeaders(206, 10_000);
        try {
            for (int sent = 0; sent < bytes; sent++) {
                request.exchange().getResponseBody().write(server.content(WEIGHTS)[(int) request.first() + sent]);
                request.exchange().getResponseBody().flush();
                Thread.sleep(everyMillis);
            }
            Thread.sleep(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void isSoonTiredOfWaiting() {
        visitor.close();
        visitor = new Visitor(
                Visitor.settings(server.endpoint())
                        .withPatience(new HubSettings.Patience(
                                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2), 2_000)),
                folder,
                Volume.REAL);
    }

    @Test
    void case17HeadersDontCome() throws Exception {
        isSoonTiredOfWaiting();
        server.setFault(first(1, Request::isRange, request -> {
            try {
                Thread.sleep(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        }));
        arrivesWhole();
        assertTrue(visitor.events().stream().anyMatch(TransferFaultsTest::isStall));
    }

    @Test
    void case17and30BytesTrickleOrStop() throws Exception {
        isSoonTiredOfWaiting();
        AtomicInteger requests = new AtomicInteger();
        server.setFault(request -> {
            if (!request.isRange() || request.first() >= 50_000) {
                return false;
            }
            switch (requests.incrementAndGet()) {
                case 1 -> trickle(request, 1_000, 100);
                case 2 -> trickle(request, 1, 0);
                default -> {
                    return false;
                }
            }
            return true;
        });
        arrivesWhole();
        assertEquals(
                2, visitor.events().stream().filter(TransferFaultsTest::isStall).count());
    }

    private static boolean isStall(TransferEvent event) {
        return event instanceof TransferEvent.Waiting waiting
                && waiting.failure().reason() == Reason.STALLED;
    }

    @Test
    void case30NetworkIsAwayForAWhile() throws Exception {
        URI address = server.endpoint();
        AtomicInteger broken = new AtomicInteger();
        server.setFault(request -> {
            boolean breaks = broken.incrementAndGet() > 4 && broken.get() < 9;
            if (breaks) {
                // As after waking up: whatever was open is dead.
                request.exchange().close();
            }
            return breaks;
        });
        assertEquals(address, server.endpoint());
        arrivesWhole();
    }
}
