package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
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
            boolean search = exchange.getRequestURI().getPath().equals("/api/models");
            byte[] body = (search
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
