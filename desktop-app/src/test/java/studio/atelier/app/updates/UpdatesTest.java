package studio.atelier.app.updates;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.ViewModelThread;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.settings.SettingsFile;
import studio.atelier.app.settings.SettingsViewModel;

/** Looking for newer versions, over a real server on this machine. */
final class UpdatesTest {
    @TempDir
    private Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final ViewModelThread thread = new ViewModelThread();
    private volatile int status = 200;
    private volatile String answer = """
            {"version": "0.2.0", "notes": {"en": "Faster.", "zh": "更快。"}, "page": "https://example.org/atelier"}
            """;
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        thread.close();
        server.stop(0);
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/version.json";
    }

    private UpdatesViewModel open(String version) {
        return thread.call(() -> new UpdatesViewModel(
                new SettingsViewModel(new SettingsFile(folder.resolve("settings.json")), thread.background(), folder),
                thread.background(),
                version));
    }

    private UpdateState look(UpdatesViewModel updates) {
        thread.run(() -> {
            updates.useAddress(address());
            updates.lookNow();
        });
        thread.await("an answer", () -> !(updates.stateProperty().get() instanceof UpdateState.Looking));
        return updates.stateProperty().get();
    }

    @Test
    void nothingIsAskedUntilAPersonWantsIt() {
        UpdatesViewModel updates = open("0.1.0");
        thread.run(updates::begin);
        thread.run(() -> updates.useAddress(address()));
        thread.run(updates::begin);
        assertInstanceOf(UpdateState.NotLooked.class, updates.stateProperty().get());
        thread.run(() -> updates.lookAtStart(true));
        thread.run(updates::begin);
        thread.await("the offer", () -> updates.offeredProperty().get().isPresent());
        assertEquals(List.of("GET /version.json"), asked);
        assertEquals(
                new Release("0.2.0", "Faster.", Optional.of(URI.create("https://example.org/atelier"))),
                updates.offeredProperty().get().orElseThrow());
    }

    @Test
    void skippedVersionIsNotOfferedAtStartsButTheNextOneIs() throws Exception {
        UpdatesViewModel updates = open("0.1.0");
        Release found = assertInstanceOf(UpdateState.Newer.class, look(updates)).release();
        thread.run(() -> {
            updates.lookAtStart(true);
            updates.skip(found);
        });
        assertEquals(Optional.empty(), updates.offeredProperty().get());
        thread.await("the settings on the disk", () -> settings().skipped().isPresent());

        UpdatesViewModel nextStart = open("0.1.0");
        thread.run(nextStart::begin);
        thread.await("an answer", () -> nextStart.stateProperty().get() instanceof UpdateState.Newer);
        assertEquals(Optional.empty(), nextStart.offeredProperty().get());
        answer = "{\"version\": \"0.2.1\", \"notes\": \"One more.\"}";
        thread.run(nextStart::begin);
        thread.await("the offer", () -> nextStart.offeredProperty().get().isPresent());
        assertEquals(
                "One more.", nextStart.offeredProperty().get().orElseThrow().notes());
    }

    private AppSettings.Updates settings() {
        return new SettingsFile(folder.resolve("settings.json")).read().updates();
    }

    @Test
    void sameAndOlderVersionsAreNoUpdate() {
        assertInstanceOf(UpdateState.Newest.class, look(open("0.2.0")));
        assertInstanceOf(UpdateState.Newest.class, look(open("0.10.0")));
        assertTrue(new Release("1.0", "", Optional.empty()).isNewerThan("0.99.99"));
        assertFalse(new Release("1.0", "", Optional.empty()).isNewerThan("1.0.0"));
    }

    @Test
    void whatIsNoVersionFileIsRefusedInASentence() {
        UpdatesViewModel updates = open("0.1.0");
        answer = "<html>";
        assertTrue(failure(updates).contains("not JSON"));
        answer = "{\"version\": \"newest\"}";
        assertTrue(failure(updates).contains("names no version"));
        answer = "x".repeat(300_000);
        assertTrue(failure(updates).contains("more than 262144 bytes"));
        status = 404;
        assertTrue(failure(updates).contains("127.0.0.1 answered 404"));
        server.stop(0);
        assertTrue(failure(updates).contains("can't be reached"));
    }

    private String failure(UpdatesViewModel updates) {
        return assertInstanceOf(UpdateState.Failed.class, look(updates)).message();
    }

    @Test
    void addressesThatOthersCouldChangeOnTheWayAreRefused() {
        for (String address :
                new String[] {"http://example.org/v", "ftp://example.org/v", "example.org", "file:///v"}) {
            IOException refusal = assertThrows(IOException.class, () -> VersionFile.fetch(address, "en"));
            assertTrue(String.valueOf(refusal.getMessage()).contains("https://"), refusal.getMessage());
        }
    }

    @Test
    void pageThatIsNoWebPageIsNotOffered() throws IOException {
        byte[] file = "{\"version\": \"1.0\", \"page\": \"file:///bin/sh\"}".getBytes(StandardCharsets.UTF_8);
        assertEquals(Optional.empty(), Release.parse(file, "en").page());
    }
}
