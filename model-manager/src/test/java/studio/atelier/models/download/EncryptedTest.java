package studio.atelier.models.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Keys;
import studio.atelier.models.hostile.Relay;
import studio.atelier.models.hostile.Visitor;
import studio.atelier.models.hub.HubException;
import studio.atelier.models.hub.HubException.Reason;

/** A hub behind real TLS: fault case 1 within a record, and the certificates of case 18. */
final class EncryptedTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final String[] THIS_HOST = {"-ext", "SAN=ip:127.0.0.1"};

    private static Keys keys;

    @TempDir
    private Path folder;

    @BeforeAll
    static void make(@TempDir Path scratch) throws Exception {
        keys = Keys.make(scratch, THIS_HOST);
    }

    private static HostileHub filled(HostileHub hub) {
        byte[] weights = new byte[155_555];
        new Random(11).nextBytes(weights);
        return hub.with(WEIGHTS, weights).with("config.json", "{}".getBytes());
    }

    /** A visitor that trusts what {@code trusted} trusts, in place of this machine's authorities. */
    private Visitor visitor(URI endpoint, SSLContext trusted) throws Exception {
        SSLContext usual = SSLContext.getDefault();
        SSLContext.setDefault(trusted);
        try {
            return new Visitor(endpoint, folder.resolve("cache"));
        } finally {
            SSLContext.setDefault(usual);
        }
    }

    private void isWhole(HostileHub hub, Path snapshot) throws Exception {
        for (String name : List.of(WEIGHTS, "config.json")) {
            assertArrayEquals(hub.content(name), Files.readAllBytes(snapshot.resolve(name)), name);
        }
    }

    @Test
    void aTrustedHubIsAHub() throws Exception {
        try (HostileHub hub = filled(HostileHub.secure(keys.host()));
                Visitor visitor = visitor(hub.endpoint(), keys.believer())) {
            isWhole(hub, visitor.download());
        }
    }

    @Test
    void case01CutWithinARecord() throws Exception {
        Random random = new Random(1);
        AtomicInteger connections = new AtomicInteger();
        try (HostileHub hub = filled(HostileHub.secure(keys.host()));
                // A handshake takes some 1,500 bytes; a part is one record of 10,000 and its headers.
                Relay relay = new Relay(
                        hub.storeEndpoint().getPort(),
                        () -> connections.incrementAndGet() > 12 ? Relay.NEVER : random.nextInt(12_000));
                Visitor visitor = visitor(hub.endpoint(), keys.believer())) {
            hub.reachStoreThrough(relay.port());
            isWhole(hub, visitor.download());
            assertTrue(connections.get() > 12, "cut only " + connections.get() + " times");
            assertTrue(
                    visitor.waits().size() >= 10,
                    "noticed only " + visitor.waits().size() + " cuts");
        }
    }

    private void refused(Keys shown, SSLContext trusted) throws Exception {
        try (HostileHub hub = filled(HostileHub.secure(shown.host()));
                Visitor visitor = visitor(hub.endpoint(), trusted)) {
            HubException refusal = assertThrows(HubException.class, visitor::download);
            assertEquals(Reason.CERTIFICATE, refusal.reason(), refusal.getMessage());
            assertTrue(refusal.getMessage().contains("127.0.0.1"), refusal.getMessage());
            assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
            assertEquals(List.of(), hub.seen(), "the token was sent to an unknown host");
            assertEquals(List.of(), visitor.waits(), "asked again in vain");
        }
    }

    @Test
    void case18CertificateThatNobodyVouchesFor() throws Exception {
        refused(keys, SSLContext.getDefault());
    }

    @Test
    void case18CertificateThatHasRunOut() throws Exception {
        Keys old = Keys.make(folder, "-startdate", "-800d", "-validity", "400", THIS_HOST[0], THIS_HOST[1]);
        refused(old, old.believer());
    }

    @Test
    void case18CertificateOfAnotherHost() throws Exception {
        Keys others = Keys.make(folder, "-ext", "SAN=dns:other.example");
        refused(others, others.believer());
    }

    @Test
    void case18StoreOfBytesIsSomebodyElse() throws Exception {
        Keys others = Keys.make(folder, THIS_HOST);
        try (HostileHub hub = filled(HostileHub.secure(keys.host()));
                HostileHub impostor = filled(HostileHub.secure(others.host()));
                Visitor visitor = visitor(hub.endpoint(), keys.believer())) {
            hub.reachStoreThrough(impostor.storeEndpoint().getPort());
            HubException refusal = assertThrows(HubException.class, visitor::download);
            assertEquals(Reason.CERTIFICATE, refusal.reason(), refusal.getMessage());
            assertEquals(List.of(), impostor.seen());
        }
    }
}
