package studio.atelier.models.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Proxies as the environment names them ({@code HTTPS_PROXY}, {@code NO_PROXY}), else as the system does. */
final class EnvironmentProxies extends ProxySelector {
    private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

    private final Map<String, String> variables;

    EnvironmentProxies(Map<String, String> variables) {
        this.variables = variables;
    }

    @Override
    public List<Proxy> select(URI address) {
        String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]") || isExempt(host)) {
            return DIRECT;
        }
        String named = either(address.getScheme().toLowerCase(Locale.ROOT) + "_proxy");
        if (named.isEmpty()) {
            named = either("all_proxy");
        }
        if (named.isEmpty()) {
            ProxySelector system = ProxySelector.getDefault();
            return system == null ? DIRECT : system.select(address);
        }
        try {
            URI proxy = URI.create(named.contains("://") ? named : "http://" + named);
            if (proxy.getHost() != null) {
                int port = proxy.getPort() < 0 ? 8080 : proxy.getPort();
                return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
            }
        } catch (IllegalArgumentException e) {
            // A variable that holds no address names no proxy.
            return DIRECT;
        }
        return DIRECT;
    }

    private boolean isExempt(String host) {
        for (String entry : either("no_proxy").toLowerCase(Locale.ROOT).split(",")) {
            String suffix = entry.strip();
            String bare = suffix.startsWith(".") ? suffix.substring(1) : suffix;
            if (suffix.equals("*") || !bare.isEmpty() && (host.equals(bare) || host.endsWith("." + bare))) {
                return true;
            }
        }
        return false;
    }

    private String either(String lowerCase) {
        String lower = variables.getOrDefault(lowerCase, "");
        return (lower.isBlank() ? variables.getOrDefault(lowerCase.toUpperCase(Locale.ROOT), "") : lower).strip();
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
        // The request itself fails with the same exception.
    }
}
