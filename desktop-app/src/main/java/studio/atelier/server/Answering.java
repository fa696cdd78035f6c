package studio.atelier.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationRequest;
import studio.atelier.engine.Session;

/** One request on its way through a session to the client; used by the one thread that serves it. */
final class Answering {
    private final ChatRequest request;
    private final Reply reply;
    private final BlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
    private final Session session;
    private final Consumer<GenerationEvent.Finished> ended;
    private boolean over;

    Answering(ChatRequest request, Reply reply, Session session, Consumer<GenerationEvent.Finished> ended) {
        this.request = request;
        this.reply = reply;
        this.session = session;
        this.ended = ended;
    }

    /**
     * Asks and sends the answer. A client that has gone away ends it: nobody would read it.
     *
     * @throws ApiException when it failed before anything was sent
     */
    void run(GenerationRequest asked, HttpExchange exchange) throws ApiException, IOException, InterruptedException {
        session.generate(asked, events::add);
        try {
            if (request.stream()) {
                stream(exchange);
            } else {
                whole(exchange);
            }
        } finally {
            session.cancel();
            while (!over) {
                next();
            }
        }
    }

    private GenerationEvent next() throws InterruptedException {
        GenerationEvent event = events.take();
        reply.add(event);
        over = event instanceof GenerationEvent.Finished || event instanceof GenerationEvent.Failed;
        if (event instanceof GenerationEvent.Finished finished) {
            ended.accept(finished);
        }
        if (request.oneToolCall() && event instanceof GenerationEvent.ToolCall) {
            session.cancel();
        }
        return event;
    }

    private void whole(HttpExchange exchange) throws ApiException, IOException, InterruptedException {
        while (true) {
            switch (next()) {
                case GenerationEvent.Finished finished -> {
                    Json.send(exchange, 200, reply.whole(finished.reason(), finished.statistics()));
                    return;
                }
                case GenerationEvent.Failed failed -> throw ApiException.of(failed.cause());
                case GenerationEvent.Reading _,
                        GenerationEvent.Text _,
                        GenerationEvent.Reasoning _,
                        GenerationEvent.ToolCall _,
                        GenerationEvent.Written _ -> {}
            }
        }
    }

    private void stream(HttpExchange exchange) throws ApiException, IOException, InterruptedException {
        GenerationEvent event = next();
        if (event instanceof GenerationEvent.Failed failed) {
            throw ApiException.of(failed.cause());
        }
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (request.text() == null) {
                send(out, reply.opening());
            }
            while (true) {
                send(out, event);
                if (over) {
                    return;
                }
                event = next();
            }
        }
    }

    private void send(OutputStream out, GenerationEvent event) throws IOException {
        switch (event) {
            // A comment, which clients pass over: it keeps the connection, and shows when nobody is there any more.
            case GenerationEvent.Reading reading ->
                line(out, ": read " + reading.readTokens() + " of " + reading.promptTokens() + " tokens");
            case GenerationEvent.Text _, GenerationEvent.Reasoning _, GenerationEvent.ToolCall _ ->
                send(out, reply.piece(event));
            case GenerationEvent.Written _ -> {}
            case GenerationEvent.Finished finished -> {
                send(out, reply.closing(finished.reason()));
                if (request.includeUsage()) {
                    send(out, reply.figures(finished.statistics()));
                }
                line(out, "data: [DONE]");
            }
            case GenerationEvent.Failed failed -> {
                send(out, ApiException.of(failed.cause()).toJson());
                line(out, "data: [DONE]");
            }
        }
    }

    private static void send(OutputStream out, ObjectNode json) throws IOException {
        line(out, "data: " + Json.MAPPER.writeValueAsString(json));
    }

    private static void line(OutputStream out, String line) throws IOException {
        out.write((line + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
