package studio.atelier.models.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import studio.atelier.models.hub.HubException.Reason;

/** What answers that bring nothing mean. Source: the hub's documented error headers and rate limits. */
final class Answers {
    private static final Pattern NONE_LEFT = Pattern.compile(".*;\\s*r=0\\s*;\\s*t=(\\d{1,6}).*");

    private Answers() {}

    /**
     * The failure that a status stands for.
     *
     * @param address who answered
     * @param what for people, such as {@code owner/name} or a file
     * @param atEndpoint whether the hub itself answered, not a store of bytes
     * @param sentToken whether the request carried a token
     */
    static HubException failure(
            URI address,
            String what,
            int status,
            HttpHeaders headers,
            byte[] body,
            boolean atEndpoint,
            boolean sentToken) {
        String host = String.valueOf(address.getHost());
        String text = message(headers, body);
        String code = headers.firstValue("X-Error-Code").orElse("");
        if (status == 407) {
            return HubException.lasting(
                    Reason.PROXY,
                    "The proxy on the way to " + host + " asks for a password; set the proxy to one that doesn't.");
        }
        if (status == 429) {
            Duration wait = wait(headers);
            String until = wait == null ? "" : " for " + wait.toSeconds() + " seconds";
            return HubException.after(
                    Reason.RATE_LIMITED,
                    host + " has had too many requests from here and wants to rest" + until + ".",
                    wait);
        }
        if (status == 408 || status == 500 || status == 502 || status == 503 || status == 504) {
            return HubException.after(
                    Reason.SERVER_FAILED,
                    host + " has trouble of its own (status " + status + "); try again later.",
                    wait(headers));
        }
        if (!atEndpoint && (status == 401 || status == 403)) {
            return HubException.passing(
                    Reason.ADDRESS_EXPIRED, "The address of " + what + " at " + host + " has run out.");
        }
        if (code.equals("GatedRepo")) {
            return HubException.lasting(
                    Reason.GATED, what + " asks for consent to its terms: open its page, accept them, then try again.");
        }
        if (text.contains("Access to this resource is disabled")) {
            return HubException.lasting(Reason.DISABLED, what + " has been taken down by " + host + ".");
        }
        if (code.equals("RevisionNotFound")) {
            return HubException.lasting(
                    Reason.REVISION_NOT_FOUND, what + " has no such branch or commit at " + host + ".");
        }
        if (code.equals("EntryNotFound")) {
            return HubException.lasting(Reason.FILE_NOT_FOUND, host + " has no file " + what + ".");
        }
        if (status == 401 && text.contains("Invalid credentials")) {
            return HubException.lasting(
                    Reason.TOKEN_INVALID,
                    host + " doesn't accept the token any more: make a new one and set it in the settings.");
        }
        if (status == 401 || status == 404 || code.equals("RepoNotFound")) {
            String next = sentToken ? "the token doesn't open it" : "if it is private, set a token in the settings";
            return HubException.lasting(
                    Reason.NOT_FOUND_OR_PRIVATE, host + " has no " + what + ", or it is private: " + next + ".");
        }
        if (status == 403) {
            return HubException.lasting(
                    Reason.TOKEN_SCOPE,
                    "The token may not read " + what + " at " + host + ": give it the right to read.");
        }
        String said = text.isEmpty() ? "" : ", " + FileNames.shown(text);
        return HubException.lasting(
                Reason.SERVER_FAILED, host + " refuses " + what + " (status " + status + said + ").");
    }

    /** How long the server wants to be left alone; null where it doesn't say. */
    static @Nullable Duration wait(HttpHeaders headers) {
        Matcher limit = NONE_LEFT.matcher(headers.firstValue("RateLimit").orElse(""));
        if (limit.matches()) {
            return Duration.ofSeconds(Long.parseLong(limit.group(1)) + 1);
        }
        String after = headers.firstValue("Retry-After").orElse("").strip();
        if (after.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Long.parseLong(after));
        }
        try {
            // The server's own time, where it says it: this machine's clock may be wrong, or jump.
            Instant now = headers.firstValue("Date").map(Answers::time).orElseGet(Instant::now);
            Duration wait = Duration.between(now, time(after));
            return wait.isNegative() ? Duration.ZERO : wait.plusSeconds(1);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Instant time(String date) {
        return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    }

    private static String message(HttpHeaders headers, byte[] body) {
        Optional<String> header = headers.firstValue("X-Error-Message");
        if (header.isPresent()) {
            return header.get();
        }
        String text = new String(body, StandardCharsets.UTF_8);
        try {
            JsonNode root = HubJson.parse(text);
            for (JsonNode node : new JsonNode[] {
                root.path("error"),
                root.path("error_description"),
                root.path("Message"),
                root.path("errors").path(0).path("message")
            }) {
                JsonNode first = node.isArray() ? node.path(0) : node;
                if (first.isTextual()) {
                    return first.textValue();
                }
            }
        } catch (IOException e) {
            return "";
        }
        return "";
    }
}
