package studio.atelier.models.hostile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import studio.atelier.models.hub.RepoId;

/**
 * A hub with one repository, and a store of bytes on another port to which large files are redirected, as the real one
 * does. A {@link Fault} sees every request first and may answer it wrongly.
 */
public final class HostileHub implements AutoCloseable {
    public static final RepoId REPOSITORY = new RepoId("maker", "model");
    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    public static final String TOKEN = "hf_secretOfThePerson";
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /** What may go wrong. */
    @FunctionalInterface
    public interface Fault {
        /** Whether it answered. */
        boolean answers(Request request) throws IOException;
    }

    /** A request as it came in. */
    public record Request(boolean store, HttpExchange exchange) {
        public String method() {
            return exchange.getRequestMethod();
        }

        public String path() {
            return exchange.getRequestURI().getPath();
        }

        public Optional<String> header(String name) {
            return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
        }

        public boolean isRange() {
            return store && method().equals("GET");
        }

        public long first() {
            Matcher range = RANGE.matcher(header("Range").orElse(""));
            return range.matches() ? Long.parseLong(range.group(1)) : 0;
        }

        public void answer(int status, Map<String, String> headers, byte[] body) throws IOException {
            headers.forEach(exchange.getResponseHeaders()::set);
            boolean head = method().equals("HEAD");
            exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
            if (!head && body.length > 0) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        }

        public void answer(int status) throws IOException {
            answer(status, Map.of(), new byte[0]);
        }
    }

    /** What was asked, kept after the answer. */
    public record Seen(boolean store, String method, String target, Map<String, List<String>> headers) {}

    private static final InetSocketAddress FREE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final String scheme;
    private final HttpServer hub;
    private final HttpServer store;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private volatile Fault fault = _ -> false;
    private volatile int generation;
    private volatile int storePort;

    public HostileHub() throws IOException {
        this("http", HttpServer.create(FREE, 0), HttpServer.create(FREE, 0));
    }

    private HostileHub(String scheme, HttpServer hub, HttpServer store) {
        this.scheme = scheme;
        this.hub = hub;
        this.store = store;
        hub.createContext("/", exchange -> serve(new Request(false, exchange)));
        store.createContext("/", exchange -> serve(new Request(true, exchange)));
        for (HttpServer server : List.of(hub, store)) {
            server.setExecutor(threads);
            server.start();
        }
    }

    /** The same behind TLS, with these keys. */
    public static HostileHub secure(SSLContext keys) throws IOException {
        HttpsServer hub = HttpsServer.create(FREE, 0);
        HttpsServer store = HttpsServer.create(FREE, 0);
        hub.setHttpsConfigurator(new HttpsConfigurator(keys));
        store.setHttpsConfigurator(new HttpsConfigurator(keys));
        return new HostileHub("https", hub, store);
    }

    public URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + hub.getAddress().getPort());
    }

    public URI storeEndpoint() {
        int port = storePort > 0 ? storePort : store.getAddress().getPort();
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    /** Sends everybody to the store through something that listens at this port. */
    public void reachStoreThrough(int port) {
        storePort = port;
    }

    public HostileHub with(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    public byte[] content(String path) {
        return files.get(path);
    }

    public void setFault(Fault newFault) {
        fault = newFault;
    }

    /** Makes every signed address given out so far invalid. */
    public void expireAddresses() {
        generation++;
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public void forget() {
        seen.clear();
    }

    /** Ranges that the store was asked for. */
    public List<String> ranges() {
        return seen.stream()
                .filter(request -> request.store() && request.method().equals("GET"))
                .map(request ->
                        request.headers().getOrDefault("Range", List.of("none")).getFirst())
                .toList();
    }

    private void serve(Request request) throws IOException {
        HttpExchange exchange = request.exchange();
        seen.add(new Seen(
                request.store(),
                request.method(),
                exchange.getRequestURI().toString(),
                Map.copyOf(exchange.getRequestHeaders())));
        try (exchange) {
            if (fault.answers(request)) {
                return;
            }
            String path = request.path();
            if (request.store()) {
                bytes(request, path.substring(1));
            } else if (path.equals("/api/models/" + REPOSITORY)) {
                json(request, "{\"id\":\"" + REPOSITORY + "\",\"cardData\":{\"license\":\"mit\"}}");
            } else if (path.startsWith("/api/models/" + REPOSITORY + "/revision/")) {
                json(request, "{\"id\":\"" + REPOSITORY + "\",\"sha\":\"" + COMMIT + "\"}");
            } else if (path.startsWith("/api/models/" + REPOSITORY + "/tree/" + COMMIT)) {
                json(request, tree());
            } else if (path.startsWith("/" + REPOSITORY + "/resolve/" + COMMIT + "/")) {
                resolve(request, path.substring(("/" + REPOSITORY + "/resolve/" + COMMIT + "/").length()));
            } else {
                request.answer(404, Map.of("X-Error-Code", "RepoNotFound"), new byte[0]);
            }
        }
    }

    public static void json(Request request, String text) throws IOException {
        request.answer(200, Map.of("Content-Type", "application/json"), text.getBytes(StandardCharsets.UTF_8));
    }

    /** The listing of all files. */
    public String tree() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode list = mapper.createArrayNode();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] content = file.getValue();
            ObjectNode node = list.addObject()
                    .put("type", "file")
                    .put("path", file.getKey())
                    .put("size", content.length)
                    .put("oid", gitHash(content));
            if (isLarge(file.getKey())) {
                node.putObject("lfs")
                        .put("oid", sha256(content))
                        .put("size", content.length)
                        .put("pointerSize", 134);
            }
        }
        return mapper.writeValueAsString(list);
    }

    private static boolean isLarge(String path) {
        return path.endsWith(".safetensors") || path.endsWith(".gguf");
    }

    private void resolve(Request request, String path) throws IOException {
        byte[] content = files.get(path);
        if (content == null) {
            request.answer(404, Map.of("X-Error-Code", "EntryNotFound"), new byte[0]);
            return;
        }
        Headers headers = request.exchange().getResponseHeaders();
        headers.set("X-Repo-Commit", COMMIT);
        if (isLarge(path)) {
            headers.set("X-Linked-Etag", "\"" + sha256(content) + "\"");
            headers.set("X-Linked-Size", String.valueOf(content.length));
            headers.set("Link", "<" + endpoint() + "/xet-auth>; rel=\"xet-auth\"");
            headers.set("Location", storeEndpoint() + "/" + path + "?signature=secret" + generation);
            request.answer(302);
        } else if (request.method().equals("HEAD")) {
            headers.set("ETag", "\"" + gitHash(content) + "\"");
            headers.set("Content-Length", String.valueOf(content.length));
            request.answer(200);
        } else {
            headers.set("ETag", "\"" + gitHash(content) + "\"");
            range(request, content);
        }
    }

    private void bytes(Request request, String path) throws IOException {
        byte[] content = files.get(path);
        String query = String.valueOf(request.exchange().getRequestURI().getQuery());
        if (content == null || !query.equals("signature=secret" + generation)) {
            request.answer(403, Map.of(), "<Error><Code>AccessDenied</Code></Error>".getBytes(StandardCharsets.UTF_8));
            return;
        }
        range(request, content);
    }

    /** Answers with the range that was asked for. */
    public static void range(Request request, byte[] content) throws IOException {
        Matcher range = RANGE.matcher(request.header("Range").orElse(""));
        if (!range.matches()) {
            request.answer(200, Map.of(), content);
            return;
        }
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2).isEmpty() ? content.length - 1 : Integer.parseInt(range.group(2));
        if (first >= content.length) {
            request.answer(416, Map.of("Content-Range", "bytes */" + content.length), new byte[0]);
            return;
        }
        last = Math.min(last, content.length - 1);
        String answered = "bytes " + first + "-" + last + "/" + content.length;
        request.answer(206, Map.of("Content-Range", answered), Arrays.copyOfRange(content, first, last + 1));
    }

    /** Announces the right range, sends {@code sentBytes} of it and breaks the connection. */
    public void cut(Request request, int sentBytes) throws IOException {
        byte[] content = files.get(request.path().substring(1));
        Matcher range = RANGE.matcher(request.header("Range").orElseThrow());
        if (!range.matches()) {
            throw new IOException("no range");
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        request.exchange()
                .getResponseHeaders()
                .set("Content-Range", "bytes " + first + "-" + last + "/" + content.length);
        request.exchange().sendResponseHeaders(206, last - first + 1);
        OutputStream body = request.exchange().getResponseBody();
        body.write(content, first, Math.min(sentBytes, last - first));
        body.flush();
        request.exchange().close();
    }

    public static String sha256(byte[] content) {
        return hex("SHA-256", content);
    }

    public static String gitHash(byte[] content) {
        byte[] prefix = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(prefix, prefix.length + content.length);
        System.arraycopy(content, 0, whole, prefix.length, content.length);
        return hex("SHA-1", whole);
    }

    private static String hex(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
