package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code studio bench} on a small model, and {@code studio doctor}. */
final class BenchCommandTest {
    @TempDir
    Path folder;

    @Test
    void measuresAFolderAndWritesTheFigures() throws Exception {
        Path json = folder.resolve("figures.json");
        Path model = Ran.GOLDEN.resolve("qwen3_moe/mlx-q4");
        Ran ran = Ran.with(
                "",
                "bench",
                model.toString(),
                "--threads",
                "1,2",
                "--contexts",
                "5,9",
                "--tokens",
                "6",
                "--json",
                json.toString());
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("decode tok/s"), ran.out());
        JsonNode figures = JsonLines.JSON.readTree(Files.readString(json));
        assertEquals(4, figures.path("measurements").size());
        for (JsonNode line : figures.path("measurements")) {
            assertTrue(line.path("decode_tokens_per_second").asDouble() > 0);
            assertTrue(line.path("prefill_tokens_per_second").asDouble() > 0);
            double sum = 0;
            for (JsonNode share : line.path("decode_time_shares")) {
                sum += share.asDouble();
            }
            assertEquals(1, sum, 1e-9);
            assertEquals(
                    figures.path("ideal_bytes_per_token").asDouble(),
                    line.path("weight_bytes_per_token").asDouble(),
                    0.03 * figures.path("ideal_bytes_per_token").asDouble(),
                    "weights are read once for a token");
        }
        assertTrue(figures.path("weight_bytes").asLong()
                > figures.path("ideal_bytes_per_token").asLong());
    }

    @Test
    void refusesWhatCantBeMeasured() {
        Ran unknown = Ran.with("", "bench", "--synthetic", "huge");
        assertEquals(1, unknown.code());
        assertTrue(unknown.err().contains("qwen3moe-2b"), unknown.err());
        Ran nothing = Ran.with("", "bench");
        assertEquals(1, nothing.code());
        Ran none = Ran.with("", "bench", "--synthetic", "dense-8l", "--threads", "0");
        assertEquals(1, none.code());
        assertTrue(none.err().contains("got 0"), none.err());
        Ran bits = Ran.with("", "bench", "--synthetic", "dense-8l", "--weights", "3bit");
        assertEquals(1, bits.code());
        assertTrue(bits.err().contains("mxfp4"), bits.err());
        Ran cache = Ran.with("", "bench", "--synthetic", "dense-8l", "--cache", "4bit");
        assertEquals(1, cache.code());
        assertTrue(cache.err().contains("8bit"), cache.err());
        Ran guesses = Ran.with("", "bench", "--synthetic", "dense-8l", "--speculation");
        assertEquals(1, guesses.code());
        assertTrue(guesses.err().contains("choose deepseek-v3-2b"), guesses.err());
    }

    @Test
    void measuresWithACacheOfEightBits() {
        Path model = Ran.GOLDEN.resolve("qwen3_moe/mlx-q4");
        Ran ran = Ran.with(
                "", "bench", model.toString(), "--threads", "1", "--contexts", "9", "--tokens", "6", "--cache", "8bit");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("8-bit cache"), ran.out());
        Ran sessions = Ran.with(
                "",
                "bench",
                model.toString(),
                "--sessions",
                "2",
                "--contexts",
                "9",
                "--tokens",
                "6",
                "--cache",
                "8bit");
        assertEquals(0, sessions.code(), sessions.err());
        assertTrue(sessions.out().contains("8-bit cache"), sessions.out());
    }

    @Test
    void writesNoShapeOverAFileAndNoneWithoutAName() throws Exception {
        Path file = folder.resolve("there.gguf");
        Files.writeString(file, "kept");
        Ran there = Ran.with("", "bench", "--synthetic", "dense-8l", "--gguf", file.toString());
        assertEquals(1, there.code());
        assertEquals(file + " is there already; choose another name.\n", there.err());
        assertEquals("kept", Files.readString(file));
        Ran nameless =
                Ran.with("", "bench", "--gguf", folder.resolve("new.gguf").toString());
        assertEquals(1, nameless.code());
        assertTrue(nameless.err().contains("needs --synthetic"), nameless.err());
        Ran unknown = Ran.with("", "bench", "--synthetic", "huge", "--gguf", file.toString());
        assertTrue(unknown.err().contains("qwen3moe-2b"), unknown.err());
    }

    @Test
    void doctorSaysWhatComputes() {
        Ran ran = Ran.with("", "doctor");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("4-bit weights: "), ran.out());
        assertTrue(ran.out().contains("8-bit weights: "), ran.out());
        assertTrue(ran.out().contains("MXFP4 weights: "), ran.out());
        assertTrue(ran.out().contains("AVX-512 VNNI"), ran.out());
    }
}
