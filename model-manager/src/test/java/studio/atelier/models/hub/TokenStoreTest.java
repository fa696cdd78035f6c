package studio.atelier.models.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that the person typed: kept, read again, forgotten, and seen by nobody else. */
final class TokenStoreTest {
    private static final HubToken TOKEN = new HubToken("hf_secret");

    @TempDir
    private Path folder;

    private static Optional<String> read(TokenStore store) throws IOException {
        return store.read().map(HubToken::bearer);
    }

    private void keepsAndForgets(TokenStore store) throws IOException {
        assertEquals(Optional.empty(), read(store));
        store.write(new HubToken("hf_older"));
        store.write(TOKEN);
        assertEquals(Optional.of("Bearer hf_secret"), read(store));
        store.remove();
        assertEquals(Optional.empty(), read(store));
        store.remove();
    }

    @Test
    void aFileIsItsOwnersAlone() throws Exception {
        TokenStore store = TokenStore.of("Linux", Map.of(), folder.resolve("data"));
        keepsAndForgets(store);
        store.write(TOKEN);
        Path file = folder.resolve("data").resolve("hub-token");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Files.writeString(file, "two words");
        assertTrue(String.valueOf(assertThrows(IOException.class, store::read).getMessage())
                .contains("is no token"));
    }

    /** A program in place of the real one, which keeps what it reads in a file and notes its arguments. */
    private Path program(String name, String script) throws IOException {
        Path program = Files.writeString(folder.resolve(name), "#!/bin/sh\ncd \"" + folder + "\"\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    @Test
    void secretServiceTakesTheSecretFromItsInput() throws Exception {
        program("secret-tool", """
                echo "$@" >> arguments
                case $1 in
                store) cat > kept ;;
                lookup) cat kept 2>/dev/null || exit 1 ;;
                clear) rm -f kept ;;
                esac
                """);
        Map<String, String> variables =
                Map.of("PATH", "/nowhere:" + folder, "DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus");
        TokenStore store = TokenStore.of("Linux", variables, folder.resolve("data"));
        assertInstanceOf(TokenStore.SecretService.class, store);
        keepsAndForgets(store);
        assertFalse(Files.readString(folder.resolve("arguments")).contains("hf_"), "the secret was an argument");
        assertFalse(Files.exists(folder.resolve("data").resolve("hub-token")));
    }

    @Test
    void aFileTakesTheSecretWhereNoServiceAnswers() throws Exception {
        Path tool = program("secret-tool", "exit 1\n");
        keepsAndForgets(new TokenStore.SecretService(
                tool, new TokenStore.TokenFile(folder.resolve("data").resolve("token"))));
    }

    /** As Apple's tool behaves: status 44 for what is not there, commands with quotes from its input. */
    @Test
    void keychainTakesTheSecretFromItsInput() throws Exception {
        Path tool = program("security", """
                echo "$@" >> arguments
                case $1 in
                -i) sed -n 's/^add-generic-password -U .*-w "\\(.*\\)"$/\\1/p' > kept ;;
                find-generic-password) cat kept 2>/dev/null || exit 44 ;;
                delete-generic-password) rm kept 2>/dev/null || exit 44 ;;
                esac
                """);
        keepsAndForgets(new TokenStore.Keychain(tool));
        assertFalse(Files.readString(folder.resolve("arguments")).contains("hf_"), "the secret was an argument");
    }

    @Test
    void aKeptTokenComesBeforeTheEnvironments() throws Exception {
        HubEnvironment environment = new HubEnvironment(Map.of("HF_TOKEN", "hf_environment"), folder);
        TokenStore store = new TokenStore.TokenFile(folder.resolve("token"));
        assertEquals(
                "Bearer hf_environment",
                environment.settings(store.read()).token().orElseThrow().bearer());
        store.write(TOKEN);
        assertEquals(
                "Bearer hf_secret",
                environment.settings(store.read()).token().orElseThrow().bearer());
        HubEnvironment mirror = new HubEnvironment(Map.of("HF_ENDPOINT", "https://mirror.example"), folder);
        assertEquals(Optional.empty(), mirror.settings(store.read()).token());
    }
}
