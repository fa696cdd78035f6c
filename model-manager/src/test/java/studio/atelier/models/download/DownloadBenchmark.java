package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hub.ContentHash;
import studio.atelier.models.hub.HubHttp;
import studio.atelier.models.hub.HubSettings;
import studio.atelier.models.hub.HuggingFaceHub;
import studio.atelier.models.hub.Pauses;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/**
 * A download over the loopback beside curl's, at four connections each, taking turns: {@code ./mvnw -pl model-manager -am
 * test -Dtest=DownloadBenchmark -Datelier.benchmark=true -Dsurefire.failIfNoSpecifiedTests=false}. It prints megabytes
 * per second and judges nothing.
 */
final class DownloadBenchmark {
    private static final long SIZE_BYTES = Long.getLong("atelier.benchmark.bytes", 512L << 20);
    private static final int CONNECTIONS = 4;
    private static final int ROUNDS = 3;
    private static final String COMMIT = "0".repeat(40);

    @TempDir
    private Path folder;

    @Test
    void besideCurl() throws Exception {
        assumeTrue(Boolean.getBoolean("atelier.benchmark"), "only when asked for");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", DownloadBenchmark::serve);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        String endpoint = "http://127.0.0.1:" + server.getAddress().getPort();
        try (HubHttp http = new HubHttp(HubSettings.of(java.net.URI.create(endpoint)))) {
            for (int round = 0; round < ROUNDS; round++) {
                System.out.printf("curl     %7.0f MB/s%n", curl(endpoint));
                System.out.printf("atelier  %7.0f MB/s without, ", atelier(http, round));
                long begun = System.nanoTime();
                Path blob = HubCache.at(folder.resolve("cache" + round)).blob(new RepoId("a", "b"), "f".repeat(64));
                Path part = blob.resolveSibling(blob.getFileName() + ".atelier-part");
                new ContentHash(ContentHash.Kind.SHA256, "0".repeat(64)).ofFile(part, _ -> {});
                System.out.printf("hashing %.0f MB/s%n", SIZE_BYTES / 1e6 / ((System.nanoTime() - begun) / 1e9));
                Files.delete(part);
            }
        } finally {
            server.stop(0);
        }
    }

    private double curl(String endpoint) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        List<Process> running = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            long first = SIZE_BYTES / CONNECTIONS * i;
            long last = SIZE_BYTES / CONNECTIONS * (i + 1) - 1;
            String target = folder.resolve("curl" + i).toString();
            running.add(new ProcessBuilder("curl", "-s", "-r", first + "-" + last, "-o", target, endpoint + "/file")
                    .start());
        }
        for (Process process : running) {
            assertEquals(0, process.waitFor());
        }
        return SIZE_BYTES / 1e6 / ((System.nanoTime() - begun) / 1e9);
    }

    private double atelier(HubHttp http, int round) throws IOException, InterruptedException {
        HuggingFaceHub hub = new HuggingFaceHub(http);
        ContentHash hash = new ContentHash(ContentHash.Kind.SHA256, "f".repeat(64));
        RepoFile file = new RepoFile("file", SIZE_BYTES, Optional.of(hash), Optional.empty());
        Snapshot snapshot = new Snapshot(new RepoId("a", "b"), "main", COMMIT, List.of(file));
        HubCache cache = HubCache.at(folder.resolve("cache" + round));
        cache.prepare(snapshot.repository(), COMMIT);
        Path part = cache.blob(snapshot.repository(), hash.hex()).resolveSibling(hash.hex() + ".atelier-part");
        Downloader downloader = new Downloader(hub, cache, Volume.REAL, Downloader.Options.USUAL, Pauses.REAL);
        var transfer = new FileTransfer(
                hub,
                snapshot,
                file,
                hash,
                Downloader.Options.USUAL,
                downloader.retries("file", TransferEvent.IGNORED),
                TransferEvent.IGNORED);
        long begun = System.nanoTime();
        try (PartFile parts =
                PartFile.open(Volume.REAL, part, hash.hex(), SIZE_BYTES, Downloader.Options.USUAL.partBytes())) {
            transfer.run(parts, hub.locate(snapshot, file), _ -> {});
        }
        return SIZE_BYTES / 1e6 / ((System.nanoTime() - begun) / 1e9);
    }

    private static void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(SIZE_BYTES));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            String range = exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length());
            long first = Long.parseLong(range.substring(0, range.indexOf('-')));
            long last = Long.parseLong(range.substring(range.indexOf('-') + 1));
            exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + SIZE_BYTES);
            exchange.sendResponseHeaders(206, last - first + 1);
            byte[] piece = new byte[1 << 18];
            for (long at = first; at <= last; at += piece.length) {
                exchange.getResponseBody().write(piece, 0, (int) Math.min(piece.length, last - at + 1));
            }
        }
    }
}
