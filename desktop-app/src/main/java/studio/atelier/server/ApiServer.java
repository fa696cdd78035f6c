package studio.atelier.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import studio.atelier.engine.chat.Message;

/**
 * The chat API of this machine: {@code /v1/chat/completions}, {@code /v1/completions}, {@code /v1/models} and {@code
 * /health}, as the clients of OpenAI's API speak it (API reference, 2026). Each request runs on a virtual thread of its
 * own; whoever opened the server closes it.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ApiServer.class.getName());
    private static final int ENDING_SECONDS = 1;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ServedModels models;
    private final Doorkeeper doorkeeper;
    private final Consumer<Served> watcher;

    private ApiServer(HttpServer server, ServedModels models, Doorkeeper doorkeeper, Consumer<Served> watcher) {
        this.server = server;
        this.models = models;
        this.doorkeeper = doorkeeper;
        this.watcher = watcher;
    }

    /**
     * Listens at once.
     *
     * @param port 0 takes one that is free
     * @param key what clients must bring; without one only an address of this machine is listened on
     * @param models stay open until the server closes them
     * @param watcher told about every answer that ended, on the request's thread
     * @throws IOException with one sentence when the address can't be listened on
     */
    public static ApiServer open(
            String host, int port, Optional<String> key, ServedModels models, Consumer<Served> watcher)
            throws IOException {
        if (key.isEmpty() && !Doorkeeper.isLocal(host)) {
            throw new IOException("Listening on " + host
                    + " lets other machines in, and that needs a key: set ATELIER_API_KEY, or listen on 127.0.0.1.");
        }
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 0);
        } catch (BindException e) {
            throw new IOException(
                    "Port " + port + " on " + host + " can't be listened on: " + e.getMessage() + "; choose another.",
                    e);
        }
        ApiServer api = new ApiServer(server, models, new Doorkeeper(key), watcher);
        server.setExecutor(api.threads);
        server.createContext("/", api::serve);
        server.start();
        return api;
    }

    /** Where it listens. */
    public URI address() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.getHostString();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
    }

    private void serve(HttpExchange exchange) {
        try (exchange) {
            try {
                doorkeeper.check(exchange);
                route(exchange);
            } catch (ApiException e) {
                refuse(exchange, e);
            } catch (RuntimeException e) {
                LOG.log(Logger.Level.ERROR, "a request failed", e);
                refuse(exchange, ApiException.of(500, "internal", "The request failed here: " + e + "."));
            }
        } catch (IOException e) {
            LOG.log(Logger.Level.DEBUG, "a client has gone away", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refuse(HttpExchange exchange, ApiException refusal) throws IOException {
        if (refusal.status() == 503) {
            exchange.getResponseHeaders().set("Retry-After", "5");
        }
        // After the first byte of an answer it is too late for a status; the connection is closed instead.
        if (exchange.getResponseCode() == -1) {
            Json.send(exchange, refusal.status(), refusal.toJson());
        }
    }

    private void route(HttpExchange exchange) throws ApiException, IOException, InterruptedException {
        String path = exchange.getRequestURI().getPath();
        String call = exchange.getRequestMethod() + " " + path;
        switch (call) {
            case "GET /health" -> Json.send(exchange, 200, object().put("status", "ok"));
            case "GET /v1/models" -> Json.send(exchange, 200, list());
            case "POST /v1/chat/completions" -> answer(exchange, ChatRequest.conversation(Json.read(exchange)));
            case "POST /v1/completions" -> answer(exchange, ChatRequest.continuation(Json.read(exchange)));
            default -> {
                if (!call.startsWith("GET /v1/models/")) {
                    throw ApiException.of(
                            404,
                            "not_found",
                            "There is no " + call
                                    + " here; there are /v1/chat/completions, /v1/completions and /v1/models.");
                }
                Json.send(exchange, 200, model(models.find(path.substring("/v1/models/".length()))));
            }
        }
    }

    private void answer(HttpExchange exchange, ChatRequest request)
            throws ApiException, IOException, InterruptedException {
        OpenModel model = models.open(request.model());
        Reply reply = new Reply(
                model.model().id(), request.text() == null, Instant.now().getEpochSecond());
        var asked = request.toEngine(
                model.engine().recommendedSampling(), model.model().preface());
        OpenModel.Turn turn = model.begin(request.messages());
        try {
            new Answering(
                            request,
                            reply,
                            turn.session(),
                            end -> watcher.accept(new Served(model.model().id(), end.reason(), end.statistics())))
                    .run(asked, exchange);
        } finally {
            turn.end(request.text() == null ? reply.heard(request.messages()) : List.<Message>of());
        }
    }

    private ObjectNode list() throws IOException {
        ObjectNode json = object().put("object", "list");
        var data = json.putArray("data");
        for (ServedModel model : models.list()) {
            data.add(model(model));
        }
        return json;
    }

    private static ObjectNode model(ServedModel model) throws IOException {
        long seconds = Files.exists(model.folder())
                ? Files.getLastModifiedTime(model.folder()).toInstant().getEpochSecond()
                : 0;
        return object().put("id", model.id())
                .put("object", "model")
                .put("created", seconds)
                .put("owned_by", "local");
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Ends running answers and lets the model go. */
    @Override
    public void close() {
        models.close();
        server.stop(ENDING_SECONDS);
        threads.close();
    }
}
