package studio.atelier.models.hub;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Which way a request goes; requests of the same way can share a connection.
 *
 * @param encrypted by TLS, to the host itself
 * @param host a name or a numeric address, without brackets
 * @param proxy one that speaks HTTP; empty when the way is direct
 */
record Route(boolean encrypted, String host, int port, Optional<InetSocketAddress> proxy) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /** The way to an address; of several proxies the first counts, and one that speaks something else than HTTP doesn't. */
    static Route to(URI address, ProxySelector proxies) {
        boolean encrypted = "https".equalsIgnoreCase(address.getScheme());
        String named = address.getHost();
        String host = named.startsWith("[") ? named.substring(1, named.length() - 1) : named;
        int port = address.getPort() >= 0 ? address.getPort() : encrypted ? HTTPS_PORT : HTTP_PORT;
        List<Proxy> offered = proxies.select(address);
        Optional<InetSocketAddress> proxy = offered == null || offered.isEmpty()
                ? Optional.empty()
                : Optional.of(offered.getFirst())
                        .filter(first -> first.type() == Proxy.Type.HTTP)
                        .map(first -> first.address() instanceof InetSocketAddress internet ? internet : null);
        return new Route(encrypted, host, port, proxy);
    }

    /** Whether a proxy reads the requests: it wants whole addresses. */
    boolean isForwarded() {
        return proxy.isPresent() && !encrypted;
    }

    /** The machine that is connected to. */
    InetSocketAddress next() {
        return proxy.map(InetSocketAddress::getHostString)
                .map(name ->
                        InetSocketAddress.createUnresolved(name, proxy.get().getPort()))
                .orElseGet(() -> InetSocketAddress.createUnresolved(host, port));
    }

    /** Host and port as a {@code CONNECT} names them. */
    String authority() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
