package studio.atelier.models.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the environment says, and which redirects it lets pass. */
final class HubEnvironmentTest {
    @TempDir
    private Path home;

    private HubEnvironment with(String... pairs) {
        Map<String, String> variables = new java.util.HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            variables.put(pairs[i], pairs[i + 1]);
        }
        return new HubEnvironment(variables, home);
    }

    private static String bearer(HubSettings settings) {
        return settings.token().map(HubToken::bearer).orElse("none");
    }

    @Test
    void tokenComesFromTheUsualPlacesInOrder() throws Exception {
        assertEquals("none", bearer(with().settings()));
        Path file = Files.createDirectories(home.resolve(".cache/huggingface")).resolve("token");
        Files.writeString(file, "from-file\n");
        assertEquals("Bearer from-file", bearer(with().settings()));
        assertEquals(
                "Bearer old-name",
                bearer(with("HUGGING_FACE_HUB_TOKEN", "old-name").settings()));
        assertEquals(
                "Bearer new",
                bearer(with("HF_TOKEN", " new ", "HUGGING_FACE_HUB_TOKEN", "old")
                        .settings()));
        assertEquals(
                "none",
                bearer(with("HF_TOKEN", "new", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
                        .settings()));
        Path other = Files.writeString(home.resolve("other"), "elsewhere");
        assertEquals(
                "Bearer elsewhere",
                bearer(with("HF_TOKEN_PATH", other.toString()).settings()));
        IOException refusal = assertThrows(
                IOException.class, () -> with("HF_TOKEN", "two words").settings());
        assertFalse(refusal.getMessage().contains("two words"), refusal.getMessage());
        assertEquals("token …", new HubToken("secret").toString());
    }

    @Test
    void mirrorGetsNoTokenUnlessAsked() throws Exception {
        String[] mirror = {"HF_ENDPOINT", "https://mirror.example/", "HF_TOKEN", "new"};
        assertEquals(
                URI.create("https://mirror.example"), with(mirror).settings().endpoint());
        assertEquals("none", bearer(with(mirror).settings()));
        assertEquals(
                "Bearer new",
                bearer(with(
                                "HF_ENDPOINT",
                                "https://mirror.example",
                                "HF_TOKEN",
                                "new",
                                "ATELIER_TOKEN_TO_MIRROR",
                                "yes")
                        .settings()));
        assertThrows(IOException.class, () -> with("HF_ENDPOINT", "mirror").settings());
    }

    @Test
    void foldersAndOfflineFollowTheOtherTools() {
        assertEquals(home.resolve(".cache/huggingface/hub"), with().cacheFolder());
        assertEquals(Path.of("/x/hub"), with("HF_HOME", "/x").cacheFolder());
        assertEquals(Path.of("/y/huggingface/hub"), with("XDG_CACHE_HOME", "/y").cacheFolder());
        assertEquals(Path.of("/z"), with("HF_HUB_CACHE", "/z", "HF_HOME", "/x").cacheFolder());
        assertTrue(with("HF_HUB_OFFLINE", "1").isOffline());
        assertTrue(with("TRANSFORMERS_OFFLINE", "TRUE").isOffline());
        assertFalse(with("HF_HUB_OFFLINE", "0").isOffline());
    }

    @ParameterizedTest
    @CsvSource({
        "https://huggingface.co/x, proxy.example:3128",
        "http://huggingface.co/x, other.example:8080",
        "https://a.local.example/x, none",
        "https://127.0.0.1/x, none"
    })
    void proxiesAreTheEnvironments(String address, String expected) {
        EnvironmentProxies proxies = new EnvironmentProxies(Map.of(
                "HTTPS_PROXY", "http://proxy.example:3128",
                "http_proxy", "other.example",
                "NO_PROXY", "localhost,.local.example"));
        Proxy proxy = proxies.select(URI.create(address)).getFirst();
        String found = proxy.address() instanceof InetSocketAddress where
                ? where.getHostString() + ":" + where.getPort()
                : "none";
        assertEquals(expected, found);
    }

    @Test
    void case16EncryptedConnectionsStayEncrypted() {
        HubSettings settings = HubSettings.of(URI.create("https://hub.example"));
        RedirectRules rules = new RedirectRules(settings, URI.create("https://hub.example/a"));
        HubException refusal = assertThrows(
                HubException.class, () -> rules.follow(URI.create("https://hub.example/a"), "http://hub.example/b"));
        assertEquals(HubException.Reason.REDIRECT_REFUSED, refusal.reason());
        assertTrue(refusal.getMessage().contains("from an encrypted connection to a plain one"), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b",
        "https://huggingface.co/a/b/tree/main?x=1, a/b",
        "https://www.modelscope.cn/models/a/b/summary, a/b",
        "gpt2, gpt2",
        "../b, none",
        "a/b/c, none",
        "a--b/c, none",
        "a/b.git, none",
        "a/-b, none",
        "a b/c, none"
    })
    void repositoriesAreNamed(String text, String expected) {
        assertEquals(expected, RepoId.find(text).map(RepoId::toString).orElse("none"));
    }
}
