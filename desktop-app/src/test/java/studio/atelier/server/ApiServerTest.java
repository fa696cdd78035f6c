package studio.atelier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.app.script.TinyFolder;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineOptions;
import studio.atelier.engine.GenerationEvent.FinishReason;

/** The chat API, asked as other programs ask it. */
final class ApiServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static final BlockingQueue<Served> SERVED = new LinkedBlockingQueue<>();

    @TempDir
    static Path folder;

    private static ServedModels models;
    private static ApiServer server;

    @BeforeAll
    static void open() throws IOException {
        Path first = TinyFolder.layOut(folder.resolve("first"), "deepseek_v3/mlx-q4");
        Path second = TinyFolder.layOut(folder.resolve("second"), "qwen3_moe/mlx-q4");
        List<ServedModel> served = List.of(
                new ServedModel("first", first, _ -> ""),
                new ServedModel("people/second", second, question -> "Asked: " + question),
                new ServedModel("gone", folder.resolve("gone"), _ -> ""));
        models = new ServedModels(() -> served, options());
        server = ApiServer.open("127.0.0.1", 0, Optional.empty(), models, SERVED::add);
    }

    private static EngineOptions options() {
        return new EngineOptions(BackendChoice.CPU_FLOAT, 0);
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static HttpResponse<String> post(ApiServer to, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(to.address() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String ask(String more) {
        return "{\"model\":\"first\",\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"}],\"temperature\":0,"
                + "\"max_tokens\":12" + more + "}";
    }

    private static List<JsonNode> pieces(String stream) throws IOException {
        List<JsonNode> pieces = new ArrayList<>();
        String[] lines = stream.split("\n\n");
        for (String line : lines) {
            if (line.startsWith("data: {")) {
                pieces.add(JSON.readTree(line.substring("data: ".length())));
            }
        }
        assertEquals("data: [DONE]", lines[lines.length - 1]);
        return pieces;
    }

    @Test
    void aStreamSaysWhatTheWholeAnswerSays() throws Exception {
        HttpResponse<String> whole = post(server, "/v1/chat/completions", ask(""));
        assertEquals(200, whole.statusCode(), whole.body());
        JsonNode answer = JSON.readTree(whole.body());
        assertEquals("chat.completion", answer.path("object").asText());
        assertEquals("length", answer.at("/choices/0/finish_reason").asText());
        assertEquals(12, answer.at("/usage/completion_tokens").asInt());
        String text = answer.at("/choices/0/message/content").asText();
        assertFalse(text.isBlank());

        HttpResponse<String> streamed = post(
                server, "/v1/chat/completions", ask(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        assertTrue(streamed.headers().firstValue("content-type").orElse("").startsWith("text/event-stream"));
        List<JsonNode> pieces = pieces(streamed.body());
        StringBuilder told = new StringBuilder();
        int ends = 0;
        for (JsonNode piece : pieces) {
            assertEquals("chat.completion.chunk", piece.path("object").asText());
            assertEquals(pieces.getFirst().path("id"), piece.path("id"));
            told.append(piece.at("/choices/0/delta/content").asText(""));
            ends += piece.at("/choices/0/finish_reason").isTextual() ? 1 : 0;
        }
        assertEquals(text, told.toString());
        assertEquals("assistant", pieces.getFirst().at("/choices/0/delta/role").asText());
        assertEquals(1, ends);
        assertEquals(12, pieces.getLast().at("/usage/completion_tokens").asInt());
        assertTrue(pieces.getLast().path("choices").isEmpty());
    }

    @Test
    void theNextQuestionReadsOnlyWhatIsNew() throws Exception {
        String first = JSON.readTree(
                        post(server, "/v1/chat/completions", ask("")).body())
                .at("/choices/0/message/content")
                .asText();
        var next = JSON.createObjectNode().put("model", "first").put("max_tokens", 2);
        var messages = next.putArray("messages");
        messages.addObject().put("role", "user").put("content", "Why?");
        messages.addObject().put("role", "assistant").put("content", first);
        messages.addObject().put("role", "user").put("content", "And then?");
        JsonNode answer = JSON.readTree(
                post(server, "/v1/chat/completions", next.toString()).body());
        int reused = answer.at("/usage/prompt_tokens_details/cached_tokens").asInt();
        assertTrue(reused >= 4, answer.toString());
    }

    @Test
    void severalAskAtTheSameTimeAndEachHearsItsOwn() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String body = "{\"model\":\"first\",\"messages\":[{\"role\":\"user\",\"content\":\"Number " + i % 6
                    + "\"}],\"temperature\":0,\"max_tokens\":8}";
            asked.add(CLIENT.sendAsync(
                    HttpRequest.newBuilder(URI.create(server.address() + "/v1/chat/completions"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        List<String> answers = new ArrayList<>();
        for (var each : asked) {
            HttpResponse<String> response = each.get();
            assertEquals(200, response.statusCode(), response.body());
            answers.add(JSON.readTree(response.body())
                    .at("/choices/0/message/content")
                    .asText());
        }
        assertEquals(answers.subList(0, 6), answers.subList(6, 12));
        assertTrue(answers.stream().distinct().count() > 1);
    }

    @Test
    void aTextIsContinuedAsItIs() throws Exception {
        HttpResponse<String> response = post(
                server,
                "/v1/completions",
                "{\"model\":\"first\",\"prompt\":\"One\",\"max_tokens\":4,\"temperature\":0}");
        assertEquals(200, response.statusCode(), response.body());
        JsonNode answer = JSON.readTree(response.body());
        assertEquals("text_completion", answer.path("object").asText());
        assertFalse(answer.at("/choices/0/text").asText().isEmpty());
    }

    @Test
    void modelsAreListedAndFoundAlsoWithASlash() throws Exception {
        JsonNode list = JSON.readTree(get("/v1/models").body());
        assertEquals(
                List.of("first", "people/second", "gone"), list.path("data").findValuesAsText("id"));
        assertEquals(
                "people/second",
                JSON.readTree(get("/v1/models/people/second").body()).path("id").asText());
        HttpResponse<String> missing = get("/v1/models/third");
        assertEquals(404, missing.statusCode());
        assertEquals(
                "model_not_found",
                JSON.readTree(missing.body()).at("/error/code").asText());
        assertTrue(missing.body().contains("people/second"), missing.body());
        assertEquals("ok", JSON.readTree(get("/health").body()).path("status").asText());
    }

    @Test
    void whatTheModelShouldKnowGoesBeforeTheQuestion() throws Exception {
        JsonNode plain =
                JSON.readTree(post(server, "/v1/chat/completions", ask("")).body());
        JsonNode told =
                JSON.readTree(post(server, "/v1/chat/completions", ask("").replace("\"first\"", "\"people/second\""))
                        .body());
        assertTrue(
                told.at("/usage/prompt_tokens").asInt()
                        > plain.at("/usage/prompt_tokens").asInt(),
                told.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n|2|one answer",
                "logprobs|true|probabilities",
                "logit_bias|{\"5\":1}|single tokens",
                "frequency_penalty|0.5|presence_penalty",
                "response_format|{\"type\":\"json_object\"}|json_object",
                "temperature|-1|0 to 100, got -1.0",
                "top_p|\"high\"|expected a number, got a text",
                "max_completion_tokens|0|expected a whole number from 1",
                "stop|[\"\"]|no empty text",
                "tools|{\"a\":1}|expected an array",
                "messages|[]|at least one message",
                "messages|[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]|got \"image_url\"",
                "messages|[{\"role\":\"wizard\",\"content\":\"x\"}]|got \"wizard\"",
            })
    void whatCanNotBeDoneIsRefusedWithASentence(String field, String value, String said) throws Exception {
        String body = "{\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Why?\"}]}";
        var request = (com.fasterxml.jackson.databind.node.ObjectNode) JSON.readTree(body);
        request.set(field, JSON.readTree(value));
        HttpResponse<String> response = post(server, "/v1/chat/completions", request.toString());
        assertEquals(400, response.statusCode(), response.body());
        JsonNode error = JSON.readTree(response.body()).path("error");
        assertTrue(error.path("message").asText().contains(said), error.toString());
        assertEquals("invalid_request_error", error.path("type").asText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{|no JSON", "[]|JSON object", "''|JSON object", "{} {}|no JSON"})
    void brokenBodiesAreRefused(String body, String said) throws Exception {
        HttpResponse<String> response = post(server, "/v1/chat/completions", body);
        assertEquals(400, response.statusCode(), response.body());
        assertTrue(response.body().contains(said), response.body());
    }

    @Test
    void aModelThatCanNotBeLoadedIsSaidAndTheNextOneServes() throws Exception {
        HttpResponse<String> response = post(server, "/v1/chat/completions", ask("").replace("\"first\"", "\"gone\""));
        assertEquals(500, response.statusCode());
        assertEquals(
                "model_failed", JSON.readTree(response.body()).at("/error/code").asText());
        assertEquals(200, post(server, "/v1/chat/completions", ask("")).statusCode());
    }

    @Test
    void pagesInABrowserAreKeptOut() throws Exception {
        assertEquals(
                403,
                post(server, "/v1/chat/completions", ask(""), "Origin", "https://example.org")
                        .statusCode());
        HttpRequest form = HttpRequest.newBuilder(URI.create(server.address() + "/v1/chat/completions"))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(ask("")))
                .build();
        assertEquals(
                415, CLIENT.send(form, HttpResponse.BodyHandlers.ofString()).statusCode());
        try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
            socket.getOutputStream()
                    .write("GET /v1/models HTTP/1.1\r\nHost: rebound.example.org\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(said.startsWith("HTTP/1.1 403"), said);
        }
    }

    @Test
    void aKeyIsAskedForWhereThereIsOne() throws Exception {
        try (ApiServer locked = ApiServer.open("127.0.0.1", 0, Optional.of("open sesame"), models, SERVED::add)) {
            assertEquals(401, post(locked, "/v1/chat/completions", ask("")).statusCode());
            assertEquals(
                    401,
                    post(locked, "/v1/chat/completions", ask(""), "Authorization", "Bearer open")
                            .statusCode());
            assertEquals(
                    200,
                    post(locked, "/v1/chat/completions", ask(""), "Authorization", "Bearer open sesame")
                            .statusCode());
        }
        IOException refused = assertThrows(
                IOException.class, () -> ApiServer.open("0.0.0.0", 0, Optional.empty(), models, SERVED::add));
        assertTrue(String.valueOf(refused.getMessage()).contains("ATELIER_API_KEY"), refused.getMessage());
    }

    @Test
    void aClientThatGoesAwayEndsItsAnswer() throws Exception {
        SERVED.clear();
        try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
            byte[] body = ask(",\"stream\":true").replace(":12", ":100000").getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream()
                    .write(
                            ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                            + "Content-Length: " + body.length + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            assertTrue(socket.getInputStream().read() > 0);
        }
        Served ended = SERVED.poll(20, TimeUnit.SECONDS);
        assertNotNull(ended);
        assertEquals(FinishReason.CANCELLED, ended.reason());
        assertEquals(200, post(server, "/v1/chat/completions", ask("")).statusCode());
    }
}
