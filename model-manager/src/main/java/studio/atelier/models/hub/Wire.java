package studio.atelier.models.hub;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One connection over which ranges of files come, by HTTP/1.1 (RFC 9112), one request at a time. The client of {@code
 * java.net.http} reads 16 KB of heap at a time and hands each piece to another thread; here bytes go from the socket into
 * one buffer, outside the heap where there is no TLS, and from there to the sink.
 *
 * <p>Used by one thread at a time. {@link #close} may be called by any, and ends what that one waits for.
 */
final class Wire implements AutoCloseable {
    private static final int PLAIN_BYTES = 256 << 10;
    private static final int ENCRYPTED_BYTES = 64 << 10;

    private final Route route;
    private @Nullable SocketChannel channel;
    private @Nullable SSLSocket encryption;
    private ByteBuffer waiting = ByteBuffer.allocate(0);
    private boolean closed;
    private boolean heard;

    /** One that is yet to be connected. */
    Wire(Route route) {
        this.route = route;
    }

    Route route() {
        return route;
    }

    /** Whether the other side said anything since the last request. */
    boolean isHeard() {
        return heard;
    }

    /** Connects; the certificate is checked against the host's name. */
    void connect(Duration patience, SSLContext keys) throws IOException {
        InetSocketAddress to = route.next();
        IOException failure = new IOException("no address");
        for (InetAddress one : InetAddress.getAllByName(to.getHostString())) {
            SocketChannel fresh = adopt(SocketChannel.open());
            try {
                fresh.socket().connect(new InetSocketAddress(one, to.getPort()), (int) patience.toMillis());
                fresh.setOption(StandardSocketOptions.TCP_NODELAY, true);
                waiting = ByteBuffer.allocateDirect(PLAIN_BYTES).limit(0);
                if (route.encrypted()) {
                    if (route.proxy().isPresent()) {
                        tunnel();
                    }
                    encrypt(fresh, keys);
                }
                return;
            } catch (java.net.SocketException | java.net.SocketTimeoutException e) {
                fresh.close();
                failure = e;
            }
        }
        throw failure;
    }

    private synchronized SocketChannel adopt(SocketChannel fresh) throws IOException {
        channel = fresh;
        if (closed) {
            fresh.close();
            throw new AsynchronousCloseException();
        }
        return fresh;
    }

    /** Asks a proxy to hand bytes on without looking at them. */
    private void tunnel() throws IOException {
        String to = route.authority();
        send("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n");
        AnswerHead answer = AnswerHead.read(this);
        if (answer.status() != 200) {
            throw new IOException("the proxy answered " + answer.status());
        }
    }

    private void encrypt(SocketChannel over, SSLContext keys) throws IOException {
        SSLSocketFactory factory = keys.getSocketFactory();
        SSLSocket socket = (SSLSocket) factory.createSocket(over.socket(), route.host(), route.port(), false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        encryption = socket;
        waiting = ByteBuffer.allocate(ENCRYPTED_BYTES).limit(0);
    }

    /** Sends a request without a body and reads the answer's head. */
    AnswerHead ask(HttpRequest request) throws IOException {
        heard = false;
        URI address = URI.create(request.uri().toASCIIString());
        String path = address.getRawPath().isEmpty() ? "/" : address.getRawPath();
        String target = address.getRawQuery() == null ? path : path + "?" + address.getRawQuery();
        String host = address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
        StringBuilder text = new StringBuilder(request.method())
                .append(' ')
                .append(route.isForwarded() ? "http://" + host : "")
                .append(target)
                .append(" HTTP/1.1\r\nHost: ")
                .append(host)
                .append("\r\n");
        HttpHeaders headers = request.headers();
        headers.map()
                .forEach((name, values) -> values.forEach(
                        value -> text.append(name).append(": ").append(value).append("\r\n")));
        send(text.append("\r\n").toString());
        return AnswerHead.read(this);
    }

    private void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        SSLSocket over = encryption;
        if (over != null) {
            over.getOutputStream().write(bytes);
            return;
        }
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            connected().write(rest);
        }
    }

    private synchronized SocketChannel connected() {
        SocketChannel to = channel;
        if (to == null) {
            throw new IllegalStateException("not connected");
        }
        return to;
    }

    /**
     * What came and was not taken yet; waits until there is something.
     *
     * @throws EOFException when there will be nothing more
     */
    ByteBuffer waiting() throws IOException {
        if (waiting.hasRemaining()) {
            return waiting;
        }
        waiting.clear();
        int read = -1;
        try {
            SSLSocket over = encryption;
            read = over == null
                    ? connected().read(waiting)
                    : over.getInputStream().read(waiting.array(), 0, waiting.capacity());
        } finally {
            waiting.position(0).limit(Math.max(0, read));
        }
        if (read < 0) {
            throw new EOFException("the connection ended");
        }
        heard = true;
        return waiting;
    }

    /** Without a farewell: whoever closes may not be the one who reads. */
    @Override
    public synchronized void close() {
        closed = true;
        SocketChannel open = channel;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // It is of no use any more, closed or not.
                return;
            }
        }
    }
}
