package studio.atelier.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** JSON in and out of an exchange. */
final class Json {
    /** Longest body that is read: a long conversation is far below. */
    private static final int MOST_BYTES = 32 << 20;

    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    static JsonNode read(HttpExchange exchange) throws ApiException, IOException {
        byte[] bytes;
        try (InputStream in = exchange.getRequestBody()) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        }
        if (bytes.length > MOST_BYTES) {
            throw ApiException.of(
                    413,
                    "request_too_large",
                    "The request has more than " + MOST_BYTES + " bytes; send a shorter one.");
        }
        try {
            JsonNode json = MAPPER.readTree(bytes);
            if (json.isObject()) {
                return json;
            }
            throw ApiException.invalid(
                    "body", "The request: expected a JSON object, got " + ChatRequest.kind(json) + ".");
        } catch (JsonProcessingException e) {
            throw ApiException.invalid("body", "The request is no JSON: " + e.getOriginalMessage() + ".");
        }
    }

    static void send(HttpExchange exchange, int status, ObjectNode json) throws IOException {
        byte[] bytes = MAPPER.writeValueAsBytes(json);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
