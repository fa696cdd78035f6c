package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code studio tokens} over the golden texts of Qwen3's tokenizer. */
final class TokensCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path QWEN3 = Ran.GOLDEN.resolve("tokenizers/qwen3");

    @TempDir
    static Path folder;

    private static JsonNode cases;

    @BeforeAll
    static void unpack() throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(QWEN3.resolve("tokenizer.json.gz")))) {
            Files.copy(in, folder.resolve("tokenizer.json"));
        }
        Files.copy(QWEN3.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
        try (InputStream in = new GZIPInputStream(Files.newInputStream(QWEN3.resolve("cases.json.gz")))) {
            cases = JSON.readTree(in);
        }
    }

    @Test
    void answersLinesInOneProcess() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (JsonNode each : cases) {
            JsonNode line = JSON.createObjectNode().set("text", each.get("text"));
            lines.append(line).append('\n');
        }
        Ran ran = Ran.with(lines.toString(), "tokens", folder.toString(), "--jsonl");
        assertEquals(0, ran.code(), ran.err());
        List<String> answers = ran.out().lines().toList();
        assertEquals(cases.size(), answers.size());
        for (int i = 0; i < answers.size(); i++) {
            JsonNode answer = JSON.readTree(answers.get(i));
            assertEquals(cases.get(i).get("ids_without_special"), answer.get("ids"));
            assertEquals(cases.get(i).get("ids_with_special"), answer.get("ids_with_special"));
            assertEquals(cases.get(i).get("decoded"), answer.get("decoded"));
        }
    }

    @Test
    void goesThereAndBack() throws Exception {
        String text = "Größe 你好 🙂\n";
        Ran ids = Ran.with(text, "tokens", folder.toString());
        assertEquals(0, ids.code(), ids.err());
        assertTrue(JSON.readTree(ids.out()).isArray(), ids.out());
        assertEquals(new Ran(0, text, ""), Ran.with(ids.out(), "tokens", folder.toString(), "--decode"));
        assertEquals(0, Ran.with(text, "tokens", folder.toString(), "--special").code());
    }

    @Test
    void theProcessSpeaksUtf8WhateverTheLanguageOfTheSystem() throws Exception {
        Process process = Ran.program("C", folder, "tokens", ".", "--jsonl");
        process.getOutputStream().write("{\"text\": \"你好\"}\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        JsonNode answer = JSON.readTree(process.getInputStream());
        assertEquals(0, process.waitFor());
        assertEquals("你好", answer.path("decoded").asText());
        assertEquals(
                Ran.with("你好", "tokens", folder.toString()).out().strip(),
                answer.path("ids").toString());
    }

    @Test
    void aBrokenLineDoesNotEndTheOthers() throws Exception {
        String lines = "{\"text\": \"a\"}\nno json\n{\"words\": 1}\n\n{\"text\": \"\\ud83d alone\"}\n";
        List<String> answers = Ran.with(lines, "tokens", folder.toString(), "--jsonl")
                .out()
                .lines()
                .toList();
        assertEquals(4, answers.size());
        List<Boolean> failed = new ArrayList<>();
        for (String answer : answers) {
            failed.add(JSON.readTree(answer).has("error"));
        }
        assertEquals(List.of(false, true, true, false), failed);
    }

    @Test
    void refusesInOneSentence() {
        for (String input : List.of("no list", "{}", "[1.5]", "[99999999999]")) {
            Ran ran = Ran.with(input, "tokens", folder.toString(), "--decode");
            assertEquals(1, ran.code(), ran.out());
            assertEquals(1, ran.err().lines().count(), ran.err());
        }
        Ran missing = Ran.with("x", "tokens", folder.resolve("nowhere").toString());
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("tokenizer.json"), missing.err());
    }
}
