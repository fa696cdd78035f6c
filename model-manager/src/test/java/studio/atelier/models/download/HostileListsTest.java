package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.HostileHub.Seen;
import studio.atelier.models.hub.HubException.Reason;

/** What a hub lists, and where it says that files lie, when that can't be: fault cases 23, 24, 27 and 31. */
final class HostileListsTest extends HostileDownload {
    private void listing(String list) {
        server.setFault(request -> {
            boolean mine = request.path().contains("/tree/");
            if (mine) {
                HostileHub.json(request, list);
            }
            return mine;
        });
    }

    @Test
    void case23PagesOfTheListRepeat() {
        server.setFault(request -> {
            boolean mine = request.path().contains("/tree/");
            if (mine) {
                request.exchange()
                        .getResponseHeaders()
                        .set(
                                "Link",
                                "<" + server.endpoint() + request.path()
                                        + "?recursive=true&expand=false>; rel=\"next\"");
                HostileHub.json(request, server.tree());
            }
            return mine;
        });
        assertTrue(fails(Reason.NOT_A_HUB).getMessage().contains("in a circle"));
    }

    @Test
    void case23TenThousandFilesOnTenPages() throws Exception {
        server.setFault(request -> {
            boolean mine = request.path().contains("/tree/");
            if (mine) {
                String query = String.valueOf(request.exchange().getRequestURI().getQuery());
                int page = query.contains("cursor=") ? Integer.parseInt(query.replaceAll(".*cursor=", "")) : 0;
                StringBuilder list = new StringBuilder("[");
                for (int i = 0; i < 1_000; i++) {
                    list.append(i == 0 ? "" : ",")
                            .append("{\"type\":\"file\",\"path\":\"data/")
                            .append(page * 1_000 + i)
                            .append(".txt\",\"size\":1,\"oid\":\"" + "1".repeat(40) + "\"}");
                }
                if (page < 9) {
                    request.exchange()
                            .getResponseHeaders()
                            .set(
                                    "Link",
                                    "<" + server.endpoint() + request.path() + "?cursor=" + (page + 1)
                                            + ">; rel=\"next\"");
                }
                HostileHub.json(request, list + "]");
            }
            return mine;
        });
        assertEquals(10_000, visitor.pin().files().size());
    }

    @Test
    void case23and31OnlyTheNewerStorageIsNamed() throws Exception {
        listing("[{\"type\":\"file\",\"path\":\"model.safetensors\",\"size\":35555,\"oid\":\"" + "1".repeat(40)
                + "\",\"xetHash\":\"" + "2".repeat(64) + "\"}]");
        arrivesWhole();
        assertEquals(
                Optional.of("2".repeat(64)),
                visitor.pin().file(WEIGHTS).orElseThrow().xetHash());
        assertTrue(
                server.seen().stream().noneMatch(request -> request.target().contains("xet")),
                "the newer storage was asked");
    }

    /** Its chunks, tokens and compression can be as broken as they like: the bytes come over the bridge, in ranges. */
    @ParameterizedTest
    @ValueSource(ints = {200, 401, 404, 501})
    void case31NewerStorageIsBrokenAndNotNeeded(int status) throws Exception {
        server.setFault(request -> {
            boolean newer = request.path().contains("xet") || request.path().contains("reconstruction");
            if (newer) {
                request.answer(status, Map.of("X-Xet-Token-Expiration", "1"), new byte[] {0, 1, 2, 3});
            } else if (request.path().startsWith(RESOLVE)) {
                request.exchange().getResponseHeaders().set("X-Xet-Hash", "3".repeat(64));
                request.exchange().getResponseHeaders().set("X-Xet-Refresh-Route", "/xet-read-token");
            }
            return newer;
        });
        arrivesWhole();
        assertTrue(server.seen().stream().noneMatch(request -> request.target().contains("xet")));
    }

    @Test
    void case31BridgeSendsChunksAsTheyLie() {
        server.setFault(request -> {
            if (request.isRange()) {
                byte[] chunks = server.content(WEIGHTS).clone();
                // A chunk's own header in place of bytes of the file.
                System.arraycopy(new byte[] {0, 0x10, 0, 0, 1, 0, 0, 2}, 0, chunks, 0, 8);
                HostileHub.range(request, chunks);
            }
            return request.isRange();
        });
        assertTrue(fails(Reason.CORRUPT).getMessage().contains(WEIGHTS));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 451})
    void case31BridgeRefuses(int status) {
        server.setFault(request -> {
            if (request.isRange()) {
                request.answer(status, Map.of("X-Error-Message", "file too large, use the newer storage"), new byte[0]);
            }
            return request.isRange();
        });
        assertTrue(fails(Reason.SERVER_FAILED).getMessage().contains("file too large"));
    }

    @Test
    void case23NoHashAtAll() {
        listing("[{\"type\":\"file\",\"path\":\"model.safetensors\",\"size\":35555}]");
        onResolveAfterListing();
        fails(Reason.NOT_A_HUB);
    }

    private void onResolveAfterListing() {
        server.setFault(request -> {
            if (request.path().contains("/tree/")) {
                HostileHub.json(request, "[{\"type\":\"file\",\"path\":\"model.safetensors\",\"size\":35555}]");
                return true;
            }
            if (request.path().startsWith(RESOLVE)) {
                request.answer(
                        302,
                        Map.of("X-Repo-Commit", HostileHub.COMMIT, "Location", server.storeEndpoint() + "/x"),
                        new byte[0]);
                return true;
            }
            return false;
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "..\\\\x.safetensors",
                "C:x.safetensors",
                "//host/x.safetensors",
                "a/./b.safetensors",
                "a/../../b.safetensors",
                "/etc/x.safetensors",
                "CON",
                "a/nul.safetensors",
                "COM1.json",
                "x.safetensors.",
                "a /x.safetensors",
                "a\\u0000.safetensors",
                "a\\n.safetensors",
                "a//b.safetensors",
                "x.safetensors:stream",
                "\\\\\\\\?\\\\C:\\\\x",
                ""
            })
    void case24MaliciousName(String path) throws Exception {
        listing("[{\"type\":\"file\",\"path\":\"" + path + "\",\"size\":1,\"oid\":\"" + "1".repeat(40) + "\"}]");
        fails(Reason.NAME_REFUSED);
        assertFalse(Files.exists(folder.resolve("cache")), "something was written");
    }

    @Test
    void case24NamesLongerThanDisksAllow() {
        listing("[{\"type\":\"file\",\"path\":\"" + "ä".repeat(128) + "\",\"size\":1,\"oid\":\"" + "1".repeat(40)
                + "\"}]");
        fails(Reason.NAME_REFUSED);
    }

    @ParameterizedTest
    @CsvSource({"Config.json, config.json", "caf\u00e9.json, cafe\u0301.json"})
    void case24TwoNamesForOneFile(String one, String other) {
        String entry = "{\"type\":\"file\",\"size\":1,\"oid\":\"" + "1".repeat(40) + "\",\"path\":\"";
        listing("[" + entry + one + "\"}," + entry + other + "\"}]");
        assertTrue(fails(Reason.NAME_REFUSED).getMessage().contains("same file"));
    }

    @Test
    void case24LinkInTheCacheLeadsOut() throws Exception {
        server.with("part/a.json", "{}".getBytes()).with("part/config.json", "{}".getBytes());
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Path snapshot = visitor.cache().snapshotFolder(HostileHub.REPOSITORY, HostileHub.COMMIT);
        Files.createDirectories(snapshot);
        Files.createSymbolicLink(snapshot.resolve("part"), outside);
        fails(Reason.NAME_REFUSED);
        try (var found = Files.list(outside)) {
            assertEquals(0, found.count(), "something was written outside");
        }
    }

    @Test
    void case27NextPageOnAnotherHost() {
        server.setFault(request -> {
            boolean mine = request.path().contains("/tree/");
            if (mine) {
                request.exchange()
                        .getResponseHeaders()
                        .set("Link", "<" + server.storeEndpoint() + "/tree?cursor=2>; rel=\"next\"");
                HostileHub.json(request, server.tree());
            }
            return mine;
        });
        assertTrue(fails(Reason.NOT_A_HUB).getMessage().contains("on another host"));
        assertTrue(server.seen().stream().noneMatch(Seen::store));
    }
}
