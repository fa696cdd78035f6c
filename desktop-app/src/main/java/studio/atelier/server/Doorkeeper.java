package studio.atelier.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;

/**
 * Who may ask. With a key: whoever brings it. Without one the server listens on this machine alone, and pages that a
 * browser shows are kept out: they could reach this machine's own addresses too (DNS rebinding, cross-site requests).
 *
 * @param key what clients must bring; empty for none
 */
record Doorkeeper(Optional<String> key) {
    private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    void check(HttpExchange exchange) throws ApiException {
        Headers headers = exchange.getRequestHeaders();
        if (key.isPresent()) {
            checkKey(headers, key.get());
            return;
        }
        String host = Optional.ofNullable(headers.getFirst("Host")).orElse("");
        if (!LOCAL_NAMES.contains(host.replaceFirst(":\\d+$", ""))) {
            throw ApiException.of(
                    403,
                    "host_not_allowed",
                    "This server answers to localhost alone, not to \"" + host + "\"; start it with a key to open it.");
        }
        String origin = Optional.ofNullable(headers.getFirst("Origin")).orElse("");
        if (!origin.isEmpty()
                && !LOCAL_NAMES.contains(origin.replaceFirst("^https?://", "").replaceFirst(":\\d+$", ""))) {
            throw ApiException.of(
                    403,
                    "origin_not_allowed",
                    "Pages of " + origin + " may not use this server; start it with a key to open it.");
        }
        String type = Optional.ofNullable(headers.getFirst("Content-Type")).orElse("");
        if (exchange.getRequestMethod().equals("POST") && !type.startsWith("application/json")) {
            throw ApiException.of(
                    415, "content_type", "Content-Type: expected application/json, got \"" + type + "\".");
        }
    }

    private static void checkKey(Headers headers, String key) throws ApiException {
        String brought = Optional.ofNullable(headers.getFirst("Authorization")).orElse("");
        byte[] expected = ("Bearer " + key).getBytes(StandardCharsets.UTF_8);
        // Takes the same time wherever the first difference is.
        if (!MessageDigest.isEqual(expected, brought.getBytes(StandardCharsets.UTF_8))) {
            throw ApiException.of(
                    401, "invalid_api_key", "The key is missing or wrong; send it as Authorization: Bearer KEY.");
        }
    }

    /** Whether an address belongs to this machine alone. */
    static boolean isLocal(String host) throws UnknownHostException {
        return InetAddress.getByName(host).isLoopbackAddress();
    }
}
