package studio.atelier.models.hub;

import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How a hub is reached.
 *
 * @param endpoint scheme, host and port, perhaps a path; the only place that ever sees the token
 * @param offline nothing is asked for at all
 */
public record HubSettings(
        URI endpoint, Optional<HubToken> token, boolean offline, ProxySelector proxies, Patience patience) {
    public static final URI HUGGING_FACE = URI.create("https://huggingface.co");
    public static final URI MODEL_SCOPE = URI.create("https://www.modelscope.cn");

    /**
     * How long to wait.
     *
     * @param firstByte from the request to the answer's headers
     * @param stallWindow within which {@code stallBytes} must arrive
     */
    public record Patience(Duration connect, Duration firstByte, Duration stallWindow, long stallBytes) {
        /** 32 kB/s over half a minute: below that, a fresh connection is nearly always faster. */
        public static final Patience USUAL =
                new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30), 30 * 32_000);
    }

    public HubSettings {
        String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
        if (endpoint.getHost() == null || !(scheme.equals("https") || scheme.equals("http"))) {
            throw new IllegalArgumentException("endpoint: expected an address like https://host, got " + endpoint);
        }
        String text = endpoint.toString();
        endpoint = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    /** Without a token, online, by the system's proxies. */
    public static HubSettings of(URI endpoint) {
        return new HubSettings(endpoint, Optional.empty(), false, noProxy(), Patience.USUAL);
    }

    private static ProxySelector noProxy() {
        ProxySelector system = ProxySelector.getDefault();
        return system == null ? ProxySelector.of(null) : system;
    }

    public HubSettings withToken(HubToken newToken) {
        return new HubSettings(endpoint, Optional.of(newToken), offline, proxies, patience);
    }

    public HubSettings withPatience(Patience newPatience) {
        return new HubSettings(endpoint, token, offline, proxies, newPatience);
    }

    public HubSettings withProxies(ProxySelector newProxies) {
        return new HubSettings(endpoint, token, offline, newProxies, patience);
    }

    public HubSettings withoutNetwork() {
        return new HubSettings(endpoint, token, true, proxies, patience);
    }

    /** Whether a request to this address goes to the endpoint itself: same scheme, host and port. */
    boolean isEndpoint(URI address) {
        return endpoint.getScheme().equalsIgnoreCase(address.getScheme())
                && endpoint.getHost().equalsIgnoreCase(address.getHost())
                && port(endpoint) == port(address);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return "http".equalsIgnoreCase(address.getScheme()) ? 80 : 443;
    }
}
