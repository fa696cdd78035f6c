package studio.atelier.models.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Keys;
import studio.atelier.models.hub.HubException.Reason;

/** Answers byte by byte, as no server of the JDK would give them. */
@Timeout(120)
final class WireTest {
    private static final String TEN = "0123456789";
    private static final String RANGE = "HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-9/10\n";
    private static final HubSettings.Patience SHORT =
            new HubSettings.Patience(Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ofSeconds(4), 1);

    /** Reads requests and answers each with the bytes that a function gives for its number; nothing hangs up. */
    private static final class Script implements AutoCloseable {
        private final ServerSocket door = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final IntFunction<byte[]> answers;
        private final List<String> requests = new CopyOnWriteArrayList<>();
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();

        Script(IntFunction<byte[]> answers) throws IOException {
            this.answers = answers;
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (!door.isClosed()) {
                    Socket socket = door.accept();
                    sockets.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException e) {
                return;
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                for (String request = head(socket); !request.isEmpty(); request = head(socket)) {
                    requests.add(request);
                    byte[] answer = answers.apply(requests.size());
                    socket.getOutputStream().write(answer);
                    if (answer.length == 0 || answer[answer.length - 1] == HANG_UP) {
                        return;
                    }
                }
            } catch (IOException e) {
                // The other side has seen enough.
                return;
            }
        }

        int port() {
            return door.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            door.close();
        }
    }

    /** Stands at the end of an answer after which the connection ends. */
    private static final byte HANG_UP = 4;

    private static String head(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        int next;
        while ((next = in.read()) >= 0) {
            text.append((char) next);
            if (text.toString().endsWith("\r\n\r\n")) {
                return text.toString();
            }
        }
        return "";
    }

    private static byte[] bytes(String answer) {
        return answer.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static HubHttp http(HubSettings settings) {
        return new HubHttp(settings.withPatience(SHORT));
    }

    private static HubHttp http(int port) {
        return http(HubSettings.of(URI.create("http://127.0.0.1:" + port)).withProxies(ProxySelector.of(null)));
    }

    private static byte[] read(HubHttp http, URI address) throws IOException, InterruptedException {
        var body = new ByteArrayOutputStream();
        http.read(new Located("file", address, 10, Optional.empty()), 0, 9, part -> {
            byte[] some = new byte[part.remaining()];
            part.get(some);
            body.write(some);
        });
        return body.toByteArray();
    }

    private static byte[] read(HubHttp http, int port) throws IOException, InterruptedException {
        return read(http, URI.create("http://127.0.0.1:" + port + "/file?signature=secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 10\n\n" + TEN,
                "content-length:10  \n\n" + TEN,
                "Content-Length: 10\nContent-Length: 10\n\n" + TEN,
                "X-Empty:\nContent-Length: 10\n\n" + TEN,
                "Transfer-Encoding: chunked\n\n4\n0123\n6;why=not\n456789\n0\n\n",
                "Transfer-Encoding: chunked\n\nA\n" + TEN + "\n000\nX-Trailer: 1\n\n",
            })
    void understands(String answer) throws Exception {
        for (String before : List.of("", "HTTP/1.1 100 Continue\n\n", "HTTP/1.1 103 Early Hints\nLink: <x>\n\n")) {
            try (Script server = new Script(_ -> bytes(before + RANGE + answer));
                    HubHttp http = http(server.port())) {
                for (int i = 0; i < 3; i++) {
                    assertArrayEquals(TEN.getBytes(), read(http, server.port()));
                }
                assertEquals(1, server.sockets.size(), "a connection that could be used again was not");
                assertTrue(
                        server.requests
                                .getFirst()
                                .startsWith("GET /file?signature=secret HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                                        + "\r\n"),
                        server.requests.getFirst());
                assertTrue(server.requests.getFirst().contains("\r\nRange: bytes=0-9\r\n"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection: close\nContent-Length: 10\n\n" + TEN, "\n" + TEN + "\u0004"})
    void doesNotUseAConnectionThatEnds(String answer) throws Exception {
        String sent = answer.replace("\u0004", "");
        try (Script server = new Script(_ -> {
                    byte[] all = bytes(RANGE + sent);
                    return answer.endsWith("\u0004") ? hangUp(all) : all;
                });
                HubHttp http = http(server.port())) {
            if (!answer.endsWith("\u0004")) {
                assertArrayEquals(TEN.getBytes(), read(http, server.port()));
                assertArrayEquals(TEN.getBytes(), read(http, server.port()));
                assertEquals(2, server.sockets.size());
            } else {
                // Its end is the only sign that it is whole, and one byte more came before.
                assertEquals(
                        Reason.RANGE_IGNORED,
                        assertThrows(HubException.class, () -> read(http, server.port()))
                                .reason());
            }
        }
    }

    private static byte[] hangUp(byte[] answer) {
        byte[] longer = java.util.Arrays.copyOf(answer, answer.length + 1);
        longer[answer.length] = HANG_UP;
        return longer;
    }

    @Test
    void asksAgainWhenTheOtherSideHungUpBetweenRequests() throws Exception {
        try (Script server = new Script(_ -> bytes(RANGE + "Content-Length: 10\n\n" + TEN));
                HubHttp http = http(server.port())) {
            assertArrayEquals(TEN.getBytes(), read(http, server.port()));
            server.sockets.getFirst().close();
            assertArrayEquals(TEN.getBytes(), read(http, server.port()));
            assertEquals(2, server.sockets.size());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-9/10\nContent-Length: 10\nContent-Length: 9\n\n"
                        + TEN,
                RANGE + "Content-Length: 1e1\n\n" + TEN,
                RANGE + "Content-Length: -1\n\n" + TEN,
                RANGE + "Content-Length: 9999999999999999999\n\n" + TEN,
                RANGE + "Content-Length : 10\n\n" + TEN,
                RANGE + "Content-Length: 10\n more\n\n" + TEN,
                RANGE + "no header\n\n" + TEN,
                RANGE + ": 10\n\n" + TEN,
                RANGE + "Transfer-Encoding: chunked\nContent-Length: 10\n\na\n" + TEN + "\n0\n\n",
                RANGE + "Transfer-Encoding: gzip, chunked\n\na\n" + TEN + "\n0\n\n",
                RANGE + "Transfer-Encoding: chunked\n\n-1\n" + TEN + "\n0\n\n",
                RANGE + "Transfer-Encoding: chunked\n\n9\n" + TEN + "\n0\n\n",
                RANGE + "Transfer-Encoding: chunked\n\nffffffffffffffff\n" + TEN + "\n0\n\n",
                "HTTP/2 206\nContent-Length: 10\n\n" + TEN,
                "HTTP/1.1 2060 Partial\nContent-Length: 10\n\n" + TEN,
                "ICY 200 OK\nContent-Length: 10\n\n" + TEN,
                "220 mail.example ready\n",
                "\n\n\n\n",
            })
    void refuses(String answer) throws Exception {
        try (Script server = new Script(_ -> bytes(answer));
                HubHttp http = http(server.port())) {
            HubException refusal = assertThrows(HubException.class, () -> read(http, server.port()));
            assertEquals(Reason.UNREACHABLE, refusal.reason(), refusal.getMessage());
            assertTrue(!refusal.getMessage().contains("secret") && refusal.isPassing(), refusal.getMessage());
        }
    }

    @Test
    void aHeadThatNeverEndsIsCutOff() throws Exception {
        byte[] endless = bytes("HTTP/1.1 206 Partial Content\n" + "X-More: 0123456789\n".repeat(10_000));
        try (Script server = new Script(_ -> endless);
                HubHttp http = http(server.port())) {
            HubException refusal = assertThrows(HubException.class, () -> read(http, server.port()));
            assertEquals(Reason.UNREACHABLE, refusal.reason(), refusal.getMessage());
        }
    }

    @Test
    void whateverComesIsBytesOrARefusal() throws Exception {
        // Each is a connection, and a machine has only so many at a time.
        int times = Math.min(10_000, Integer.getInteger("atelier.fuzz", 1_000));
        Random random = new Random(47);
        byte[] good = bytes(RANGE + "Transfer-Encoding: chunked\n\n4\n0123\n6\n456789\n0\n\n");
        byte[] other = bytes(RANGE + "Content-Length: 10\n\n" + TEN);
        int read = 0;
        try (Script server = new Script(number -> {
                    byte[] answer = (number % 2 == 0 ? good : other).clone();
                    for (int changes = random.nextInt(4); changes > 0; changes--) {
                        answer[random.nextInt(answer.length)] = (byte) random.nextInt(256);
                    }
                    return hangUp(java.util.Arrays.copyOf(answer, answer.length - random.nextInt(4) / 3));
                });
                HubHttp http = http(server.port())) {
            for (int i = 0; i < times; i++) {
                try {
                    assertEquals(10, read(http, server.port()).length);
                    read++;
                } catch (HubException e) {
                    assertTrue(e.getMessage().endsWith("."), e.getMessage());
                }
            }
        }
        assertTrue(read > times / 10 && read < times, read + " of " + times + " were understood");
    }

    @Test
    void closingEndsWhatIsUnderWay() throws Exception {
        try (Script server = new Script(_ -> bytes(RANGE + "Content-Length: 10\n\n01"));
                HubHttp http = http(HubSettings.of(URI.create("http://127.0.0.1:" + server.port()))
                        .withProxies(ProxySelector.of(null)))) {
            Thread closer = Thread.ofVirtual().start(() -> {
                while (server.requests.isEmpty()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                }
                http.close();
            });
            long begun = System.nanoTime();
            assertEquals(
                    Reason.UNREACHABLE,
                    assertThrows(HubException.class, () -> read(http, server.port()))
                            .reason());
            assertTrue(System.nanoTime() - begun < SHORT.stallWindow().toNanos(), "it waited for more bytes");
            closer.join();
        }
    }

    private static HubSettings through(String endpoint, int proxyPort) {
        return HubSettings.of(URI.create(endpoint))
                .withProxies(ProxySelector.of(new InetSocketAddress("127.0.0.1", proxyPort)));
    }

    @Test
    void aProxyIsGivenWholeAddresses() throws Exception {
        try (Script proxy = new Script(_ -> bytes(RANGE + "Content-Length: 10\n\n" + TEN));
                HubHttp http = http(through("http://hub.example", proxy.port()))) {
            assertArrayEquals(TEN.getBytes(), read(http, URI.create("http://store.example:81/a%20b?c=d")));
            assertTrue(
                    proxy.requests
                            .getFirst()
                            .startsWith("GET http://store.example:81/a%20b?c=d HTTP/1.1\r\nHost: store.example:81\r\n"),
                    proxy.requests.getFirst());
        }
    }

    @Test
    void aProxyThatWantsAPasswordIsNamed() throws Exception {
        try (Script proxy =
                        new Script(_ -> bytes("HTTP/1.1 407 Proxy Authentication Required\nContent-Length: 0\n\n"));
                HubHttp http = http(through("https://hub.example", proxy.port()))) {
            HubException refusal =
                    assertThrows(HubException.class, () -> read(http, URI.create("https://store.example/x")));
            assertEquals(Reason.PROXY, refusal.reason(), refusal.getMessage());
            assertTrue(proxy.requests.getFirst().startsWith("CONNECT store.example:443 HTTP/1.1\r\n"));
            assertTrue(!proxy.requests.getFirst().contains("Authorization"), "the token was shown to the proxy");
        }
    }

    /** Joins two connections after a {@code CONNECT}, as proxies do. */
    private static void join(ServerSocket door, int to) {
        try {
            while (!door.isClosed()) {
                Socket client = door.accept();
                String request = head(client);
                assertTrue(request.startsWith("CONNECT "), request);
                client.getOutputStream().write(bytes("HTTP/1.1 200 Connection established\n\n"));
                Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
                Thread.ofVirtual().start(() -> copy(client, server));
                Thread.ofVirtual().start(() -> copy(server, client));
            }
        } catch (IOException e) {
            // The door is closed.
            return;
        }
    }

    private static void copy(Socket from, Socket into) {
        try (from;
                into) {
            from.getInputStream().transferTo(into.getOutputStream());
        } catch (IOException e) {
            return;
        }
    }

    @Test
    void encryptedBytesComeThroughAProxyUnseen(@TempDir Path scratch) throws Exception {
        Keys keys = Keys.make(scratch, "-ext", "SAN=ip:127.0.0.1");
        var usual = SSLContext.getDefault();
        byte[] content = new byte[300_000];
        new Random(5).nextBytes(content);
        try (HostileHub hub = HostileHub.secure(keys.host()).with("file.safetensors", content);
                ServerSocket door = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> join(door, hub.storeEndpoint().getPort()));
            SSLContext.setDefault(keys.believer());
            HubSettings settings = through(hub.endpoint().toString(), door.getLocalPort());
            try (HubHttp http = http(settings)) {
                URI address = URI.create(hub.storeEndpoint() + "/file.safetensors?signature=secret0");
                var body = new ByteArrayOutputStream();
                http.read(new Located("file", address, content.length, Optional.empty()), 0, 299_999, part -> {
                    byte[] some = new byte[part.remaining()];
                    part.get(some);
                    body.write(some);
                });
                assertArrayEquals(content, body.toByteArray());
            } finally {
                SSLContext.setDefault(usual);
            }
        }
    }

    @Test
    void aCertificateOfAnotherHostIsRefused(@TempDir Path scratch) throws Exception {
        Keys keys = Keys.make(scratch, "-ext", "SAN=dns:other.example");
        var usual = SSLContext.getDefault();
        try (HostileHub hub = HostileHub.secure(keys.host()).with("file.safetensors", new byte[10])) {
            SSLContext.setDefault(keys.believer());
            HubSettings settings = HubSettings.of(hub.endpoint()).withProxies(ProxySelector.of(null));
            try (HubHttp http = http(settings)) {
                URI address = URI.create(hub.storeEndpoint() + "/file.safetensors?signature=secret0");
                HubException refusal = assertThrows(HubException.class, () -> read(http, address));
                assertEquals(Reason.CERTIFICATE, refusal.reason(), refusal.getMessage());
                assertEquals(List.of(), hub.seen(), "something was asked");
            } finally {
                SSLContext.setDefault(usual);
            }
        }
    }
}
