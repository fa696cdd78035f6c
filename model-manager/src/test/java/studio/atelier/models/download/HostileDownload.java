package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;

/** A download from a hub that a test spoils. */
abstract class HostileDownload {
    static final String WEIGHTS = "model.safetensors";
    static final String RESOLVE = "/maker/model/resolve/";

    @TempDir
    Path folder;

    HostileHub server;
    Visitor visitor;

    @BeforeEach
    void open() throws IOException {
        byte[] weights = new byte[35_555];
        new Random(8).nextBytes(weights);
        server = new HostileHub().with(WEIGHTS, weights).with("config.json", "{}".getBytes());
        visitor = new Visitor(server.endpoint(), folder.resolve("cache"));
    }

    @AfterEach
    void close() {
        visitor.close();
        server.close();
    }

    /** Downloads, and expects one sentence without a secret. */
    final HubException fails(Reason reason) {
        HubException failure = assertThrows(HubException.class, visitor::download);
        assertEquals(reason, failure.reason(), failure.getMessage());
        assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
        assertTrue(failure.getMessage().endsWith("."), failure.getMessage());
        return failure;
    }

    final void arrivesWhole() throws IOException, InterruptedException {
        Path snapshot = visitor.download();
        assertArrayEquals(server.content(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    }
}
