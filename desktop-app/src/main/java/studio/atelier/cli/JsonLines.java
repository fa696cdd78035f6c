package studio.atelier.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** One JSON object in, one out, line by line in one process. */
final class JsonLines {
    /** Written in ASCII, so that halves of surrogate pairs come through too. */
    static final JsonMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Python's own JSON has them.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private JsonLines() {}

    /** What becomes of a line. */
    @FunctionalInterface
    interface Answering {
        ObjectNode answer(JsonNode line);
    }

    /** Answers every line of standard input that is not empty; {@code broken} answers one that is no JSON object. */
    static void answer(Terminal terminal, Answering answering, java.util.function.Function<String, ObjectNode> broken)
            throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.isBlank()) {
                continue;
            }
            terminal.out().print(JSON.writeValueAsString(answer(line, answering, broken)));
            terminal.out().print('\n');
            if (terminal.out().checkError()) {
                return;
            }
        }
    }

    private static ObjectNode answer(
            String line, Answering answering, java.util.function.Function<String, ObjectNode> broken) {
        try {
            JsonNode node = JSON.readTree(line);
            return node.isObject() ? answering.answer(node) : broken.apply("expected a JSON object in each line");
        } catch (JsonProcessingException e) {
            return broken.apply("not JSON: " + e.getOriginalMessage());
        }
    }
}
