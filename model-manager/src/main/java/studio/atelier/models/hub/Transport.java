package studio.atelier.models.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import studio.atelier.models.hub.HubException.Reason;

/**
 * One request and its answer, watched: headers that don't come and bytes that trickle end it. The client's own time
 * limit covers only what comes before the body.
 */
final class Transport implements AutoCloseable {
    /** An answer with its whole body, or with none when a sink took it. */
    record Reply(URI address, int status, HttpHeaders headers, byte[] body) {}

    private static final int LOOKS_PER_WINDOW = 4;

    private final HubSettings settings;
    private final HttpClient client;
    private final Wires wires;

    Transport(HubSettings settings) {
        this.settings = settings;
        this.wires = new Wires(settings);
        // HTTP/1.1, because parts that share one HTTP/2 connection share its flow control too.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.patience().connect())
                .proxy(settings.proxies())
                .build();
    }

    /** Keeps the body in memory when it is no longer than this. */
    Reply exchange(String what, HttpRequest request, int mostBytes) throws HubException, InterruptedException {
        AtomicLong received = new AtomicLong();
        var body = new ByteArrayOutputStream();
        try {
            Reply reply = exchange(what, request, kept(body, mostBytes, received), received);
            return new Reply(reply.address(), reply.status(), reply.headers(), body.toByteArray());
        } catch (HubException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("memory doesn't refuse bytes", e);
        }
    }

    /** Keeps what comes, at most so many bytes. */
    static BoundedSink kept(ByteArrayOutputStream body, int mostBytes, AtomicLong received) {
        return new BoundedSink(
                buffer -> {
                    byte[] bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                    body.write(bytes, 0, bytes.length);
                },
                mostBytes,
                received);
    }

    private Reply exchange(String what, HttpRequest request, BoundedSink sink, AtomicLong received)
            throws IOException, InterruptedException {
        URI address = request.uri();
        refuseOffline(what);
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<HttpResponse<byte[]>> future = client.sendAsync(request, _ -> {
            begun.set(true);
            return new SinkSubscriber(sink);
        });
        try {
            HttpResponse<byte[]> response = await(address, future, begun, received);
            return new Reply(address, response.statusCode(), response.headers(), response.body());
        } catch (ExecutionException e) {
            throw translated(address, what, e.getCause() == null ? e : e.getCause());
        } finally {
            future.cancel(true);
        }
    }

    /**
     * Waits for an answer whose body, a large one, goes to a sink.
     *
     * @param choice is asked once the head is there
     * @param received counts the body's bytes, so that their speed can be seen
     * @throws IOException what a sink threw; all else is a HubException
     */
    Reply stream(String what, HttpRequest request, Wires.Choice choice, AtomicLong received)
            throws IOException, InterruptedException {
        URI address = request.uri();
        refuseOffline(what);
        AtomicBoolean begun = new AtomicBoolean();
        Wires.Exchange exchange = wires.begin(request, head -> {
            begun.set(true);
            return choice.sink(head);
        });
        try {
            AnswerHead head = await(address, exchange.answer(), begun, received);
            return new Reply(address, head.status(), head.headers(), new byte[0]);
        } catch (ExecutionException e) {
            throw translated(address, what, e.getCause() == null ? e : e.getCause());
        } finally {
            exchange.giveUp();
        }
    }

    private void refuseOffline(String what) throws HubException {
        if (settings.offline()) {
            throw HubException.lasting(
                    Reason.OFFLINE, what + " is not on this machine in full, and working offline is switched on.");
        }
    }

    private <T> T await(URI address, CompletableFuture<T> future, AtomicBoolean begun, AtomicLong received)
            throws HubException, ExecutionException, InterruptedException {
        HubSettings.Patience patience = settings.patience();
        long lookNanos = patience.stallWindow().toNanos() / LOOKS_PER_WINDOW;
        long[] seen = new long[LOOKS_PER_WINDOW];
        long sentNanos = System.nanoTime();
        long headersNanos = patience.connect().plus(patience.firstByte()).toNanos();
        int looks = 0;
        while (true) {
            try {
                return future.get(lookNanos, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (!begun.get()) {
                    if (System.nanoTime() - sentNanos > headersNanos) {
                        throw stalled(address, patience.firstByte(), "said nothing");
                    }
                    continue;
                }
                long before = seen[looks % LOOKS_PER_WINDOW];
                seen[looks % LOOKS_PER_WINDOW] = received.get();
                looks++;
                if (looks > LOOKS_PER_WINDOW && received.get() - before < patience.stallBytes()) {
                    throw stalled(address, patience.stallWindow(), "sent only " + (received.get() - before) + " bytes");
                }
            }
        }
    }

    private static HubException stalled(URI address, Duration window, String what) {
        return HubException.passing(
                Reason.STALLED,
                address.getHost() + " " + what + " within " + window.toSeconds() + " seconds; connecting again.");
    }

    private static IOException translated(URI address, String what, Throwable failure) throws InterruptedException {
        String host = address.getHost();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BoundedSink.SinkFailure sink) {
                return sink.failure();
            }
            if (cause instanceof BoundedSink.TooLong tooLong) {
                return HubException.passing(
                        Reason.RANGE_IGNORED, host + " sent " + tooLong.getMessage() + ".", tooLong);
            }
            if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
                return HubException.passing(
                        Reason.UNREACHABLE,
                        "No host " + host + " can be found: check that this machine is connected to the internet.");
            }
            if (cause instanceof SSLException encryption) {
                return untrusted(host, encryption);
            }
            if (cause instanceof InterruptedException) {
                throw new InterruptedException();
            }
        }
        String text = String.valueOf(failure.getMessage());
        if (text.contains("407") || text.contains("Proxy Authentication") || text.contains("proxy authentication")) {
            return HubException.lasting(
                    Reason.PROXY,
                    "The proxy on the way to " + host + " asks for a password; set the proxy to one that doesn't.");
        }
        return HubException.passing(
                Reason.UNREACHABLE, "The connection to " + host + " broke off while asking for " + what + ".", failure);
    }

    /** A connection that was cut while it was being encrypted is none of these. */
    private static HubException untrusted(String host, SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                return HubException.lasting(
                        Reason.CERTIFICATE,
                        "The certificate of " + host + " is not valid on " + LocalDate.now()
                                + ", which this machine's clock says it is; nothing was sent. Set the clock, or tell the host's owner.",
                        failure);
            }
            if (cause instanceof CertificateException) {
                return HubException.lasting(
                        Reason.CERTIFICATE,
                        host + " can't prove that it is " + host
                                + " (its certificate is not trusted here); nothing was sent. A proxy that reads along would look like this.",
                        failure);
            }
        }
        return HubException.passing(
                Reason.UNREACHABLE, "The encrypted connection to " + host + " broke off; connecting again.", failure);
    }

    @Override
    public void close() {
        wires.close();
        client.shutdownNow();
        client.close();
    }
}
