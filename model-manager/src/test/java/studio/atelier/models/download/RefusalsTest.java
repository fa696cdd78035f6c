package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.HostileHub.Seen;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.HubSettings;

/** What must be refused, and what must never be sent: fault cases 10, 16, 18, 19 and 25 to 27. */
final class RefusalsTest extends HostileDownload {
    private void onResolve(String file, Map<String, String> headers, int status) {
        server.setFault(request -> {
            boolean mine = !request.store()
                    && request.path().startsWith(RESOLVE)
                    && request.path().endsWith(file);
            if (mine) {
                request.answer(status, headers, new byte[0]);
            }
            return mine;
        });
    }

    @Test
    void case10HashChangesBetweenListAndFile() {
        String other = "f".repeat(64);
        onResolve(
                WEIGHTS,
                Map.of(
                        "X-Repo-Commit",
                        HostileHub.COMMIT,
                        "X-Linked-Etag",
                        "\"" + other + "\"",
                        "X-Linked-Size",
                        "35555",
                        "Location",
                        "/x"),
                200);
        assertTrue(fails(Reason.CHANGED).getMessage().contains(other));
    }

    @Test
    void case10SizeChangesBetweenListAndFile() {
        onResolve(WEIGHTS, Map.of("X-Repo-Commit", HostileHub.COMMIT, "X-Linked-Size", "4"), 200);
        assertTrue(fails(Reason.CHANGED).getMessage().contains("has 4 bytes, not the 35555"));
    }

    @Test
    void case10CommitChangesBetweenListAndFile() {
        onResolve(WEIGHTS, Map.of("X-Repo-Commit", "a".repeat(40)), 200);
        fails(Reason.CHANGED);
    }

    @Test
    void case10FileChangesBetweenSessions() throws Exception {
        AtomicInteger ranges = new AtomicInteger();
        server.setFault(request -> {
            boolean late = request.isRange() && ranges.incrementAndGet() > 2;
            if (late) {
                request.answer(404);
            }
            return late;
        });
        assertThrows(HubException.class, visitor::download);
        byte[] newer = new byte[35_555];
        new Random(9).nextBytes(newer);
        server.with(WEIGHTS, newer);
        server.setFault(_ -> false);
        arrivesWhole();
    }

    @Test
    void case16TokenGoesToTheHubOnly() throws Exception {
        arrivesWhole();
        List<Seen> toStore = server.seen().stream().filter(Seen::store).toList();
        assertFalse(toStore.isEmpty());
        for (Seen request : toStore) {
            assertFalse(request.headers().containsKey("Authorization"), "the token reached the store of bytes");
            assertFalse(request.headers().containsKey("Cookie"));
        }
        assertTrue(server.seen().stream()
                .filter(request -> !request.store())
                .allMatch(request ->
                        request.headers().get("Authorization").equals(List.of("Bearer " + HostileHub.TOKEN))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"api", "resolve"})
    void case16CircleOfRedirects(String where) {
        server.setFault(request -> {
            boolean mine = !request.store() && request.path().contains("/" + where + "/");
            if (mine) {
                String turn = request.path().endsWith("a") ? "b" : "a";
                request.answer(302, Map.of("Location", "/" + where + "/" + turn), new byte[0]);
            }
            return mine;
        });
        assertTrue(fails(Reason.REDIRECT_REFUSED).getMessage().contains("in a circle"));
    }

    @Test
    void case16ElevenHops() {
        AtomicInteger hop = new AtomicInteger();
        server.setFault(request -> {
            boolean mine = request.isRange();
            if (mine) {
                request.answer(
                        302, Map.of("Location", server.storeEndpoint() + "/hop" + hop.incrementAndGet()), new byte[0]);
            }
            return mine;
        });
        assertTrue(fails(Reason.REDIRECT_REFUSED).getMessage().contains("more than 10 times"));
    }

    @Test
    void case16RenamedRepositoryKeepsTheQuery() throws Exception {
        server.setFault(request -> {
            boolean old = !request.store()
                    && request.path().startsWith(RESOLVE)
                    && request.exchange().getRequestURI().getQuery() == null;
            if (old) {
                request.answer(307, Map.of("Location", request.path() + "?download=true"), new byte[0]);
            }
            return old;
        });
        arrivesWhole();
        assertTrue(server.seen().stream().anyMatch(request -> request.target().endsWith("?download=true")));
    }

    @ParameterizedTest
    @CsvSource({
        "file:///etc/passwd, not to a web address",
        "ftp://example.org/x, not to a web address",
        "http://169.254.169.254/latest/meta-data, inside a private network",
        "http://10.0.0.1/x, inside a private network",
        "http://192.168.1.1/x, inside a private network",
        "http://[fe80::1]/x, inside a private network",
        "http://[fd00::1]/x, inside a private network",
        "http://user@127.0.0.1/x, a user's name",
        "http://exa mple/, no address"
    })
    void case16RedirectToNoPlaceToGo(String location, String says) {
        onResolve(WEIGHTS, Map.of("X-Repo-Commit", HostileHub.COMMIT, "Location", location), 302);
        assertTrue(fails(Reason.REDIRECT_REFUSED).getMessage().contains(says));
    }

    @Test
    void case18HostIsUnknown() {
        visitor.close();
        visitor = new Visitor(URI.create("http://no-such-host.invalid"), folder);
        assertTrue(fails(Reason.UNREACHABLE).getMessage().contains("no-such-host.invalid"));
    }

    @Test
    void case18NobodyListens() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        visitor.close();
        visitor = new Visitor(URI.create("http://127.0.0.1:" + free), folder);
        fails(Reason.UNREACHABLE);
    }

    @Test
    void case18LoginPageOfTheNetwork() {
        byte[] page = "<html>Welcome to the hotel</html>".getBytes(StandardCharsets.UTF_8);
        server.setFault(request -> {
            request.answer(200, Map.of("Content-Type", "text/html"), page);
            return true;
        });
        assertTrue(fails(Reason.NOT_A_HUB).getMessage().contains("wants a login first"));
        onResolve(WEIGHTS, Map.of("Content-Type", "text/html"), 200);
        fails(Reason.NOT_A_HUB);
    }

    @Test
    void case19ProxyWantsAPassword() {
        server.setFault(request -> {
            request.answer(407, Map.of("Proxy-Authenticate", "Basic realm=\"office\""), new byte[0]);
            return true;
        });
        visitor.close();
        HubSettings settings = Visitor.settings(URI.create("http://hub.example:80"))
                .withProxies(ProxySelector.of(
                        new InetSocketAddress("127.0.0.1", server.endpoint().getPort())));
        visitor = new Visitor(settings, folder, Volume.REAL);
        fails(Reason.PROXY);
    }

    @ParameterizedTest
    @CsvSource({
        "401, GatedRepo, , GATED",
        "403, GatedRepo, , GATED",
        "404, RepoNotFound, , NOT_FOUND_OR_PRIVATE",
        "401, , Repository not found, NOT_FOUND_OR_PRIVATE",
        "401, , Invalid credentials in Authorization header, TOKEN_INVALID",
        "403, , insufficient scope, TOKEN_SCOPE",
        "404, RevisionNotFound, , REVISION_NOT_FOUND",
        "404, EntryNotFound, , FILE_NOT_FOUND",
        "403, , Access to this resource is disabled., DISABLED"
    })
    void case25DoorIsClosed(int status, String code, String message, Reason reason) {
        server.setFault(request -> {
            if (code != null) {
                request.exchange().getResponseHeaders().set("X-Error-Code", code);
            }
            byte[] body = message == null ? new byte[0] : ("{\"error\":\"" + message + "\"}").getBytes();
            request.answer(status, Map.of(), body);
            return true;
        });
        fails(reason);
        assertEquals(List.of(), visitor.waits(), "a closed door was knocked at again");
    }

    @Test
    void case26Offline() throws Exception {
        arrivesWhole();
        server.forget();
        HubSettings offline = Visitor.settings(server.endpoint()).withoutNetwork();
        visitor.close();
        visitor = new Visitor(offline, folder.resolve("cache"), Volume.REAL);
        arrivesWhole();
        Files.delete(visitor.cache()
                .snapshotFolder(HostileHub.REPOSITORY, HostileHub.COMMIT)
                .resolve(WEIGHTS));
        assertTrue(fails(Reason.OFFLINE).getMessage().contains("1 of 2 files"));
        visitor.close();
        visitor = new Visitor(offline, folder.resolve("empty"), Volume.REAL);
        assertTrue(fails(Reason.OFFLINE).getMessage().contains("never downloaded"));
        assertEquals(List.of(), server.seen(), "something was asked while offline");
    }

    @Test
    void case27MirrorListsOtherBytesThanItSends() {
        server.setFault(request -> {
            boolean mine = request.isRange();
            if (mine) {
                HostileHub.range(request, new byte[35_555]);
            }
            return mine;
        });
        fails(Reason.CORRUPT);
    }
}
