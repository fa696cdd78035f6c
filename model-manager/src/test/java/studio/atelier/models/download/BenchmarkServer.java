package studio.atelier.models.download;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** A hub with one file, of nothing but zeros; a program of its own, so that what it costs is nobody's but its own. */
final class BenchmarkServer {
    static final String COMMIT = "0".repeat(40);
    private static final byte[] PIECE = new byte[256 << 10];

    private BenchmarkServer() {}

    /** Prints its port, then serves a file of so many bytes until its input ends. */
    public static void main(String[] arguments) throws IOException {
        long sizeBytes = Long.parseLong(arguments[0]);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> serve(exchange, sizeBytes));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        System.out.println(server.getAddress().getPort());
        System.in.transferTo(java.io.OutputStream.nullOutputStream());
        System.exit(0);
    }

    private static void serve(HttpExchange exchange, long sizeBytes) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(sizeBytes));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            String range = exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length());
            long first = Long.parseLong(range.substring(0, range.indexOf('-')));
            long last = Long.parseLong(range.substring(range.indexOf('-') + 1));
            exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + sizeBytes);
            exchange.sendResponseHeaders(206, last - first + 1);
            for (long at = first; at <= last; at += PIECE.length) {
                exchange.getResponseBody().write(PIECE, 0, (int) Math.min(PIECE.length, last - at + 1));
            }
        }
    }
}
