package studio.atelier.app.updates;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;

/** Fetches the version file: one request, without anything about the person or the machine in it. */
final class VersionFile {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST_BYTES = 256 * 1024;
    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "[::1]");

    private VersionFile() {}

    /**
     * Asks.
     *
     * @param address as a person typed it: {@code https}, or {@code http} on this machine
     * @throws IOException with one sentence when there is no answer that makes sense
     */
    static Release fetch(String address, String language) throws IOException, InterruptedException {
        URI place = check(address);
        HttpRequest request = HttpRequest.newBuilder(place)
                .timeout(PATIENCE)
                .header("User-Agent", "Atelier")
                .GET()
                .build();
        try (HttpClient client = HttpClient.newBuilder()
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException(place.getHost() + " answered " + response.statusCode()
                            + " instead of the version file; check the address.");
                }
                byte[] bytes = body.readNBytes(MOST_BYTES + 1);
                if (bytes.length > MOST_BYTES) {
                    throw new IOException(
                            "The version file has more than " + MOST_BYTES + " bytes; check the address.");
                }
                return Release.parse(bytes, language);
            } finally {
                // What was not read would keep the client waiting.
                client.shutdownNow();
            }
        } catch (HttpTimeoutException e) {
            throw new IOException(
                    place.getHost() + " did not answer within " + PATIENCE.toSeconds() + " seconds; try again later.",
                    e);
        } catch (java.net.ConnectException e) {
            throw new IOException(place.getHost() + " can't be reached; check the network and the address.", e);
        }
    }

    private static URI check(String address) throws IOException {
        try {
            URI place = new URI(address.strip());
            String host = place.getHost();
            boolean safe = "https".equals(place.getScheme())
                    || ("http".equals(place.getScheme()) && host != null && THIS_MACHINE.contains(host));
            if (host == null || !safe) {
                throw new IOException("The address for updates must begin with https://, got \"" + address + "\".");
            }
            return place;
        } catch (URISyntaxException e) {
            throw new IOException("\"" + address + "\" is no address; it must begin with https://.", e);
        }
    }
}
