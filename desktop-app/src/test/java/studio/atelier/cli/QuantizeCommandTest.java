package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuantizeCommandTest {
    @TempDir
    Path folder;

    @Test
    void makesAFolderThatRuns() {
        Path made = folder.resolve("made");
        Ran ran = Ran.with("", "quantize", Ran.GOLDEN.resolve("deepseek_v3/hf").toString(), made.toString());
        assertEquals(0, ran.code(), ran.err());
        assertEquals("Wrote " + made + ".\n", ran.err());
        Ran logits = Ran.with(
                "",
                "logits",
                made.toString(),
                "--tokens=1,2",
                "--out",
                folder.resolve("out").toString());
        assertEquals(0, logits.code(), logits.err());
    }

    @Test
    void refusesInOneSentence() {
        String source = Ran.GOLDEN.resolve("deepseek_v3/hf").toString();
        String made = folder.resolve("made").toString();
        refused("got AFFINE of 7 bits", source, made, "--bits", "7");
        refused("got zip", source, made, "--mode", "zip");
        refused("needs the name of the new folder", source);
        refused("is there already", source, folder.toString());
        refused("quantized already", Ran.GOLDEN.resolve("deepseek_v3/mlx-q4").toString(), made);
        refused("nowhere", folder.resolve("nowhere").toString(), made);
        assertTrue(Files.notExists(Path.of(made)));
    }

    private static void refused(String says, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "quantize";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Ran ran = Ran.with("", all);
        assertEquals(1, ran.code(), ran.toString());
        assertTrue(ran.err().contains(says), ran.err());
        assertEquals(1, ran.err().lines().count(), ran.err());
    }
}
