package studio.atelier.models.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.download.Downloader;
import studio.atelier.models.download.HubCache;
import studio.atelier.models.download.RepositoryDownload;
import studio.atelier.models.download.TransferEvent;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hostile.HostileHub;

/** The two hubs as they answer when nothing is wrong. */
final class HubsTest {
    private static final Retries ONCE = new Retries(
            pause -> {
                throw new AssertionError("waited " + pause);
            },
            (_, _) -> {});

    @TempDir
    private Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private HubHttp http;
    private byte[] weights = "weights of a model".getBytes(StandardCharsets.UTF_8);
    private String listing = "";

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            boolean file = exchange.getRequestURI().getPath().contains("/resolve/");
            HostileHub.Request request = new HostileHub.Request(file, exchange);
            if (file) {
                HostileHub.range(request, weights);
            } else {
                HostileHub.json(request, listing);
            }
        });
        server.start();
        http = new HubHttp(HubSettings.of(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort())));
    }

    @AfterEach
    void close() {
        http.close();
        server.stop(0);
    }

    @Test
    void modelScopesFilesAreCheckedByTheirHash() throws Exception {
        listing = "{\"Code\":200,\"Data\":{\"Files\":[{\"Path\":\"sub\",\"Type\":\"tree\"},"
                + "{\"Path\":\"model.safetensors\",\"Type\":\"blob\",\"Size\":" + weights.length + ",\"Sha256\":\""
                + HostileHub.sha256(weights) + "\"}]}}";
        Downloader downloader = Downloader.usual(new ModelScopeHub(http), HubCache.at(folder));
        RepositoryDownload download = new RepositoryDownload(downloader);
        Snapshot snapshot = download.pin(RepoId.parse("a/b"), "master", TransferEvent.IGNORED);
        assertTrue(snapshot.commit().matches("[0-9a-f]{40}"), snapshot.commit());
        Path whole = download.fetch(snapshot, Wanted.of(snapshot, Optional.empty()), TransferEvent.IGNORED);
        assertArrayEquals(weights, Files.readAllBytes(whole.resolve("model.safetensors")));
        assertEquals("/api/v1/models/a/b/repo/files?Revision=master&Recursive=true", asked.getFirst());
        assertEquals("/models/a/b/resolve/master/model.safetensors", asked.getLast());
    }

    @Test
    void modelScopesRefusalComesWithSuccess() {
        listing = "{\"Code\":10010205001,\"Message\":\"not found\"}";
        HubException refusal = assertThrows(
                HubException.class, () -> new ModelScopeHub(http).snapshot(RepoId.parse("a/b"), "master", ONCE));
        assertEquals(HubException.Reason.NOT_FOUND_OR_PRIVATE, refusal.reason());
    }

    @Test
    void modelScopesSearchReadsWhatPublishersSay() throws Exception {
        listing = "{\"success\":true,\"data\":{\"models\":[{\"id\":\"Qwen/Qwen3-8B-GGUF\",\"downloads\":7,\"likes\":2,"
                + "\"license\":\"apache-2.0\",\"params\":8190735360,\"file_size\":99,\"tags\":[\"gguf\"],"
                + "\"last_modified\":\"2026-05-15T01:09:19Z\"},{\"id\":\"../evil\"},{\"id\":\"a/b\",\"license\":\"mit\"}],"
                + "\"total_count\":3}}";
        List<ModelSummary> found = new ModelScopeHub(http)
                .search(SearchQuery.of("qwen3 8b").in(SearchQuery.Format.GGUF).licensed("Apache-2.0"), ONCE);
        assertEquals(1, found.size());
        ModelSummary model = found.getFirst();
        assertEquals(RepoId.parse("Qwen/Qwen3-8B-GGUF"), model.repository());
        assertEquals(OptionalLong.of(8_190_735_360L), model.parameters());
        assertEquals(OptionalLong.of(99), model.storedBytes());
        assertEquals(Optional.of("apache-2.0"), model.licence());
        assertEquals(Optional.of(Instant.parse("2026-05-15T01:09:19Z")), model.changed());
        assertEquals(7, model.downloads());
        assertEquals(
                "/openapi/v1/models?page_number=1&page_size=30&search=qwen3%208b%20gguf&sort=downloads",
                asked.getFirst());
    }

    @Test
    void modelScopesSearchAsksForMorePages() throws Exception {
        StringBuilder page = new StringBuilder("{\"success\":true,\"data\":{\"models\":[");
        for (int i = 0; i < 50; i++) {
            page.append(i == 0 ? "" : ",").append("{\"id\":\"a/b").append(i).append("\"}");
        }
        listing = page + "]}}";
        assertEquals(
                120,
                new ModelScopeHub(http)
                        .search(SearchQuery.of("").atMost(120), ONCE)
                        .size());
        assertEquals(3, asked.size());
        assertEquals("/openapi/v1/models?page_number=3&page_size=50&sort=downloads", asked.getLast());
    }

    @Test
    void modelScopesRefusalOfASearchIsTold() {
        listing = "{\"success\":false,\"message\":\"too busy\"}";
        HubException refusal =
                assertThrows(HubException.class, () -> new ModelScopeHub(http).search(SearchQuery.of("x"), ONCE));
        assertTrue(refusal.getMessage().contains("too busy"), refusal.getMessage());
    }

    @Test
    void searchReadsWhatPublishersSay() throws Exception {
        listing =
                "[{\"id\":\"a/b\",\"safetensors\":{\"total\":671000000000},\"downloads\":12,\"likes\":3,\"gated\":\"auto\","
                        + "\"tags\":[\"mlx\",\"license:mit\"],\"config\":{\"model_type\":\"deepseek_v3\"},\"usedStorage\":99,"
                        + "\"lastModified\":\"2026-01-02T03:04:05.000Z\"},{\"id\":\"../evil\"},{\"id\":\"c/d\",\"private\":true,"
                        + "\"gguf\":{\"total\":5,\"architecture\":\"llama\"},\"lastModified\":\"yesterday\"}]";
        List<ModelSummary> found = new HuggingFaceHub(http)
                .search(
                        SearchQuery.of("deep seek")
                                .in(SearchQuery.Format.MLX)
                                .licensed("mit")
                                .atMost(5),
                        ONCE);
        assertEquals(2, found.size());
        ModelSummary first = found.getFirst();
        assertEquals(OptionalLong.of(671_000_000_000L), first.parameters());
        assertEquals(Optional.of("mit"), first.licence());
        assertEquals(Optional.of("deepseek_v3"), first.architecture());
        assertEquals(ModelSummary.Access.GATED, first.access());
        assertEquals(Optional.of(Instant.parse("2026-01-02T03:04:05Z")), first.changed());
        assertTrue(first.isMlx());
        assertEquals(ModelSummary.Access.PRIVATE, found.getLast().access());
        assertEquals(OptionalLong.of(5), found.getLast().parameters());
        String query = asked.getFirst();
        assertTrue(
                query.startsWith(
                        "/api/models?limit=5&search=deep+seek&filter=mlx&filter=license%3Amit&sort=downloads&expand="),
                query);
    }
}
