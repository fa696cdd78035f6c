package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about models as a person or a script calls them: in a process of their own, over a hub on this machine. */
final class ModelCommandsTest {
    @TempDir
    private Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer hub;

    private record Ended(int code, String out, String err) {}

    @BeforeEach
    void open() throws IOException {
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hub.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            boolean other = exchange.getRequestURI().getPath().equals("/openapi/v1/models");
            boolean search = other || exchange.getRequestURI().getPath().equals("/api/models");
            byte[] body = (other
                            ? "{\"success\":true,\"data\":{\"models\":[{\"id\":\"Qwen/Qwen3-8B\",\"downloads\":9}]}}"
                            : search
                                    ? "[{\"id\":\"a/b\",\"downloads\":7,\"tags\":[\"license:mit\"],\"safetensors\":{\"total\":4000000000}}]"
                                    : "{\"error\":\"Repository not found\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(search ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        hub.start();
    }

    @AfterEach
    void close() {
        hub.stop(0);
    }

    private Ended studio(String... arguments) throws IOException, InterruptedException {
        List<String> call = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "studio.atelier.app.Main"));
        call.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(call);
        builder.environment()
                .put("HF_ENDPOINT", "http://127.0.0.1:" + hub.getAddress().getPort());
        builder.environment()
                .put(
                        "MODELSCOPE_ENDPOINT",
                        "http://127.0.0.1:" + hub.getAddress().getPort());
        builder.environment().put("HF_HUB_CACHE", folder.resolve("cache").toString());
        builder.environment().put("ATELIER_HOME", folder.resolve("data").toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        return new Ended(process.exitValue(), out, err.replaceAll("WARNING: .*\\R", ""));
    }

    @Test
    void searchGivesLinesForScripts() throws Exception {
        Ended found = studio("search", "some words", "--format", "mlx", "--json");
        assertEquals(
                "{\"repository\":\"a/b\",\"downloads\":7,\"likes\":0,\"access\":\"open\",\"parameters\":4000000000,\"licence\":\"mit\"}\n",
                found.out());
        assertEquals(0, found.code());
        assertTrue(asked.getFirst().contains("search=some+words&filter=mlx"), asked.toString());
    }

    @Test
    void theOtherHubIsSearchedToo() throws Exception {
        Ended found = studio("search", "qwen", "--source", "modelscope", "--sort", "newest");
        assertEquals(0, found.code(), found.err());
        assertTrue(found.out().startsWith("Qwen/Qwen3-8B "), found.out());
        assertTrue(found.out().contains("9 downloads"), found.out());
        assertEquals("/openapi/v1/models?page_number=1&page_size=20&search=qwen&sort=last_modified", asked.getFirst());
    }

    @Test
    void foldersAreListedAndChanged() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        Ended used = studio("folders", "use", disk.toString(), "--json");
        assertEquals(0, used.code(), used.err());
        String own = folder.resolve("data/models").toString();
        assertTrue(used.out().startsWith("{\"folder\":\"" + disk + "\",\"use\":\"new models\""), used.out());
        assertTrue(used.out().contains("{\"folder\":\"" + own + "\",\"use\":\"also\""), used.out());
        Ended kept = studio("folders", "remove", own);
        assertEquals(1, kept.code());
        assertTrue(kept.err().contains("own folder stays"), kept.err());
        Ended removed = studio("folders", "remove", disk.toString());
        assertTrue(removed.out().startsWith("new models"), removed.out());
        assertTrue(removed.out().contains(own) && !removed.out().contains(disk.toString()), removed.out());
        assertTrue(studio("folders", "sell", disk.toString()).err().contains("expected add, use or remove"));
    }

    @Test
    void refusalsAreOneSentence() throws Exception {
        Ended missing = studio("pull", "no/such");
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("has no no/such at main, or it is private"), missing.err());
        assertEquals(1, missing.err().strip().lines().count(), missing.err());
        Ended unknown = studio("rm", "nothing");
        assertEquals(1, unknown.code());
        assertTrue(unknown.err().contains("There is no model \"nothing\""), unknown.err());
    }
}
