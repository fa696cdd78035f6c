package studio.atelier.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import studio.atelier.models.hub.HubException.Reason;
import studio.atelier.models.hub.Transport.Reply;

/**
 * The one way out of this machine: requests to a hub by its rules. The token goes to the endpoint and nowhere else,
 * redirects are judged one by one, compressed answers are not asked for, and a connection that brings nothing is given
 * up. Every method is one attempt; any thread may call, several at once.
 */
public final class HubHttp implements AutoCloseable {
    private static final int MOST_JSON_BYTES = 64 << 20;
    private static final int MOST_ERROR_BYTES = 64 << 10;
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
    private static final Pattern UNSATISFIED = Pattern.compile("bytes \\*/(\\d{1,18})");

    /** A JSON answer. */
    record Json(JsonNode root, Optional<URI> next) {}

    /** The headers of the last answer, and where it came from. */
    record Head(URI address, int status, HttpHeaders headers) {}

    private final HubSettings settings;
    private final Transport transport;

    public HubHttp(HubSettings settings) {
        this.settings = settings;
        this.transport = new Transport(settings);
    }

    /** How the hub is reached. */
    public HubSettings settings() {
        return settings;
    }

    /**
     * Asks for JSON, following redirects that stay within the rules.
     *
     * @param what for messages, such as {@code owner/name}
     */
    Json getJson(URI address, String what) throws HubException, InterruptedException {
        var rules = new RedirectRules(settings, address);
        URI at = address;
        while (true) {
            Reply reply = transport.exchange(what, request(at).GET().build(), MOST_JSON_BYTES);
            if (isRedirect(reply.status())) {
                at = rules.follow(at, location(reply));
                continue;
            }
            if (reply.status() != 200) {
                throw failure(reply, what);
            }
            return new Json(parse(reply), next(reply));
        }
    }

    private static JsonNode parse(Reply reply) throws HubException {
        String host = reply.address().getHost();
        String type = reply.headers().firstValue("Content-Type").orElse("");
        try {
            if (!type.contains("html")) {
                return HubJson.parse(new String(reply.body(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw HubException.lasting(
                    Reason.NOT_A_HUB, host + " answers with something that is no JSON; is it a hub?", e);
        }
        throw HubException.lasting(
                Reason.NOT_A_HUB,
                host
                        + " answers with a web page instead of data: perhaps this network wants a login first, in a browser.");
    }

    private static Optional<URI> next(Reply reply) throws HubException {
        for (String link : reply.headers().allValues("Link")) {
            Matcher next = NEXT.matcher(link);
            if (next.find()) {
                try {
                    return Optional.of(reply.address().resolve(next.group(1)));
                } catch (IllegalArgumentException e) {
                    throw HubException.lasting(
                            Reason.NOT_A_HUB, reply.address().getHost() + " names a next page that is no address.", e);
                }
            }
        }
        return Optional.empty();
    }

    /** Asks for a file's headers, following redirects on the hub itself but not the one to the store of bytes. */
    Head head(URI address, String what) throws HubException, InterruptedException {
        var rules = new RedirectRules(settings, address);
        URI at = address;
        while (true) {
            Reply reply = transport.exchange(what, request(at).HEAD().build(), MOST_ERROR_BYTES);
            if (!isRedirect(reply.status())) {
                if (reply.status() != 200) {
                    throw failure(reply, what);
                }
                return new Head(reply.address(), reply.status(), reply.headers());
            }
            String location = location(reply);
            // A new name of the repository stays on the hub; only absolute addresses lead to the bytes.
            if (!location.startsWith("/") || location.startsWith("//")) {
                rules.follow(at, location);
                return new Head(reply.address(), reply.status(), reply.headers());
            }
            at = rules.follow(at, location);
        }
    }

    /**
     * Brings the bytes {@code first} to {@code last}, both included, of a file.
     *
     * @param sink gets bytes as they come; how many it got before a failure is its own to count
     * @throws HubException when anything about the answer differs from what was asked
     * @throws IOException what the sink threw
     */
    public void read(Located file, long first, long last, ByteSink sink) throws IOException, InterruptedException {
        var rules = new RedirectRules(settings, file.address());
        URI at = file.address();
        while (true) {
            HttpRequest request = request(at)
                    .setHeader("Range", "bytes=" + first + "-" + last)
                    .build();
            AtomicLong received = new AtomicLong();
            var refusal = new ByteArrayOutputStream();
            long expected = last - first + 1;
            var taker = new BoundedSink(sink, expected, received);
            var keeper = Transport.kept(refusal, MOST_ERROR_BYTES, new AtomicLong());
            Reply reply;
            try {
                reply = transport.stream(
                        file.path(),
                        request,
                        head -> isAsked(head.status(), head.headers(), first, last, file.sizeBytes()) ? taker : keeper,
                        received);
            } finally {
                taker.shut();
            }
            if (isRedirect(reply.status())) {
                at = rules.follow(at, location(reply));
                continue;
            }
            if (!isAsked(reply.status(), reply.headers(), first, last, file.sizeBytes())) {
                throw wrongRange(reply, refusal.toByteArray(), file, first, last);
            }
            if (received.get() != expected) {
                throw HubException.passing(
                        Reason.UNREACHABLE,
                        at.getHost() + " ended " + (expected - received.get()) + " bytes early in " + file.path()
                                + ".");
            }
            return;
        }
    }

    /** A whole small file may come as such; everything else must be exactly the range. */
    private static boolean isAsked(int status, HttpHeaders headers, long first, long last, long sizeBytes) {
        String encoding = headers.firstValue("Content-Encoding").orElse("identity");
        long length = headers.firstValueAsLong("Content-Length").orElse(last - first + 1);
        if (!encoding.equals("identity") || length != last - first + 1) {
            return false;
        }
        if (status == 200) {
            return first == 0 && last == sizeBytes - 1;
        }
        Matcher range =
                CONTENT_RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        return status == 206
                && range.matches()
                && Long.parseLong(range.group(1)) == first
                && Long.parseLong(range.group(2)) == last
                && Long.parseLong(range.group(3)) == sizeBytes;
    }

    private HubException wrongRange(Reply reply, byte[] body, Located file, long first, long last) {
        String host = reply.address().getHost();
        Matcher unsatisfied =
                UNSATISFIED.matcher(reply.headers().firstValue("Content-Range").orElse(""));
        Matcher range = CONTENT_RANGE.matcher(
                reply.headers().firstValue("Content-Range").orElse(""));
        String total = reply.status() == 416 && unsatisfied.matches()
                ? unsatisfied.group(1)
                : reply.status() == 206 && range.matches() ? range.group(3) : "";
        if (!total.isEmpty() && Long.parseLong(total) != file.sizeBytes()) {
            return HubException.lasting(
                    Reason.CHANGED,
                    file.path() + " has " + total + " bytes at " + host + ", not the " + file.sizeBytes()
                            + " that the repository lists; try again later or choose another source.");
        }
        if (reply.status() == 200 || reply.status() == 206 || reply.status() == 416) {
            return HubException.passing(
                    Reason.RANGE_IGNORED,
                    host + " was asked for bytes " + first + " to " + last + " of " + file.path()
                            + " and answered with others (status " + reply.status() + ").");
        }
        return failure(new Reply(reply.address(), reply.status(), reply.headers(), body), file.path());
    }

    private HttpRequest.Builder request(URI address) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(address)
                .setHeader("User-Agent", "atelier/0.1")
                .setHeader("Accept-Encoding", "identity");
        if (settings.isEndpoint(address)) {
            settings.token().ifPresent(token -> builder.setHeader("Authorization", token.bearer()));
        }
        return builder;
    }

    private HubException failure(Reply reply, String what) {
        boolean atEndpoint = settings.isEndpoint(reply.address());
        return Answers.failure(
                reply.address(),
                what,
                reply.status(),
                reply.headers(),
                reply.body(),
                atEndpoint,
                atEndpoint && settings.token().isPresent());
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static String location(Reply reply) throws HubException {
        return reply.headers()
                .firstValue("Location")
                .orElseThrow(() -> HubException.passing(
                        Reason.SERVER_FAILED, reply.address().getHost() + " redirects to nowhere."));
    }

    /** Gives the connections back; requests under way fail. */
    @Override
    public void close() {
        transport.close();
    }
}
