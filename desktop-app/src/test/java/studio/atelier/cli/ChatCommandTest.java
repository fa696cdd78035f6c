package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.TinyFolder;

/** {@code studio chat} with a golden model whose words mean nothing. */
final class ChatCommandTest {
    @TempDir
    static Path folder;

    private static String model = "";

    @BeforeAll
    static void layOut() throws IOException {
        model = TinyFolder.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4").toString();
    }

    private static Ran chat(String input, String... options) {
        String[] all = new String[options.length + 7];
        String[] fixed = {"chat", "--model", model, "--max-tokens", "12", "--temperature", "0"};
        System.arraycopy(fixed, 0, all, 0, fixed.length);
        System.arraycopy(options, 0, all, fixed.length, options.length);
        return Ran.with(input, all);
    }

    @Test
    void answersAQuestion() {
        Ran ran = chat("", "Why?");
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().length() > 12 && ran.out().endsWith("\n"), ran.out());
        assertEquals("", ran.err());
        assertEquals(ran, chat("", "Why?"));
        assertEquals(ran.out(), chat("Why?\n").out(), "a question on standard input");
        assertNotEquals(ran.out(), chat("", "Why?", "--system", "Be brief.").out());
    }

    @Test
    void figuresGoToStandardErrorWhenAskedFor() {
        // To this question the model has the same answer whether activations are rounded or not.
        Ran ran = chat("", "How?", "--verbose");
        assertEquals(chat("", "How?").out(), ran.out());
        assertTrue(ran.err().contains("12 written at "), ran.err());
        assertTrue(ran.err().contains("ended: max tokens"), ran.err());
    }

    @Test
    void seedsAndStopsWork() {
        String[] warm = {"Why?", "--seed", "5"};
        assertEquals(warm(warm), warm(warm));
        assertNotEquals(warm(warm), warm("Why?", "--seed", "6"));
        String whole = chat("", "Why?").out();
        String stop = whole.substring(5, 9);
        assertEquals(
                whole.substring(0, whole.indexOf(stop)) + "\n",
                chat("", "Why?", "--stop", stop).out());
    }

    private static String warm(String... options) {
        String[] all = new String[options.length + 7];
        String[] fixed = {"chat", "--model", model, "--max-tokens", "12", "--temperature", "2"};
        System.arraycopy(fixed, 0, all, 0, fixed.length);
        System.arraycopy(options, 0, all, fixed.length, options.length);
        return Ran.with("", all).out();
    }

    @Test
    void talksLineByLineWithAPerson() {
        InputStream lines =
                new ByteArrayInputStream("Why?\n\nWhy not?\n/bye\nnever read\n".getBytes(StandardCharsets.UTF_8));
        Ran ran = Ran.with(
                lines, true, "chat", "--model", model, "--max-tokens", "12", "--temperature", "0", "--verbose");
        assertEquals(0, ran.code(), ran.err());
        assertEquals(2, ran.out().lines().count(), ran.out());
        assertEquals(chat("", "Why?").out(), ran.out().lines().findFirst().orElse("") + "\n");
        assertTrue(ran.err().contains("(0 reused)"), ran.err());
        // The second turn reads only what is new: the first prompt of 6 tokens lies in the cache.
        assertFalse(ran.err()
                .lines()
                .filter(line -> line.contains("reused"))
                .skip(1)
                .allMatch(line -> line.contains("(0 ")));
    }

    @Test
    void refusesInOneSentence() throws Exception {
        Ran none = Ran.with("  \n", "chat", "--model", model);
        assertEquals(1, none.code());
        assertTrue(none.err().contains("no question"), none.err());
        Ran wild = chat("", "Why?", "--top-p", "7");
        assertEquals(1, wild.code());
        assertTrue(wild.err().contains("top-p") && wild.err().contains("7"), wild.err());
        Ran missing = Ran.with("", "chat", "--model", folder.resolve("nowhere").toString(), "x");
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("There is no folder"), missing.err());
        Ran tooLong = chat("", "x".repeat(80), "--context", "64");
        assertEquals(1, tooLong.code());
        assertTrue(tooLong.err().contains("64"), tooLong.err());
        Path broken = TinyFolder.layOut(folder.resolve("broken"), "deepseek_v3/mlx-q4");
        Files.write(broken.resolve("model.safetensors"), new byte[] {1, 2, 3});
        Ran cut = Ran.with("", "chat", "--model", broken.toString(), "x");
        assertEquals(1, cut.code());
        assertTrue(cut.err().contains("model.safetensors: expected at least 10 bytes, got 3"), cut.err());
        for (Ran each : new Ran[] {none, wild, missing, tooLong, cut}) {
            assertEquals(1, each.err().lines().count(), each.err());
            assertEquals("", each.out());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void controlCStopsTheAnswer() throws Exception {
        assumeFalse(ignoresInterrupts(), "whoever started the tests has the signal ignored, and Java leaves it so");
        // No token that this model can write ends its answer before the key is pressed.
        Path endless = TinyFolder.layOut(folder.resolve("endless"), "deepseek_v3/mlx-q4");
        Path config = endless.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replaceFirst("\"eos_token_id\": *\\d+", "\"eos_token_id\": 100000")
                        .replaceFirst("\"max_position_embeddings\": *\\d+", "\"max_position_embeddings\": 100000"));
        Path template = endless.resolve("chat_template.jinja");
        Files.writeString(template, Files.readString(template).replace("<|end|>", ""));
        Process process = Ran.program(
                "C.UTF-8",
                folder,
                "chat",
                "--model",
                endless.toString(),
                "--max-tokens",
                "90000",
                "--temperature",
                "0",
                "--verbose",
                "Why?");
        process.getOutputStream().close();
        // The first byte of the answer.
        assertTrue(process.getInputStream().read() >= 0);
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                        .start()
                        .waitFor());
        process.getInputStream().readAllBytes();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(130, process.exitValue(), err);
        assertTrue(err.contains("ended: cancelled"), err);
    }

    /** Whether SIGINT, the second signal, is ignored: so it is in what a shell starts in the background. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("SigIgn:")) {
                return (Long.parseUnsignedLong(
                                        line.substring("SigIgn:".length()).strip(), 16)
                                & 2)
                        != 0;
            }
        }
        return false;
    }
}
