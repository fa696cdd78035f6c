package studio.atelier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
        assertTrue(ran.err().startsWith("Wrote " + made + ". Relative RMS error: median "), ran.err());
        assertTrue(ran.err().contains(" in layer "), ran.err());
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
    void keepsTheErrorsOfItsLayers() throws Exception {
        Path made = folder.resolve("made");
        String source = Ran.GOLDEN.resolve("deepseek_v3/hf").toString();
        Ran ran = Ran.with("", "quantize", source, made.toString(), "--attention-bits=8", "--head-bits=6", "--json");
        assertEquals(0, ran.code(), ran.err());
        JsonNode last = new ObjectMapper().readTree(ran.out().lines().toList().getLast());
        assertEquals(
                "affine 4-bit, group 64, attention affine 8-bit, group 64, head affine 6-bit, group 64",
                last.path("recipe").asText());
        JsonNode manifest =
                new ObjectMapper().readTree(made.resolve("atelier.json").toFile());
        assertEquals("hf", manifest.path("repository").asText());
        JsonNode errors = manifest.path("relativeError");
        double feedForward =
                errors.path("model.layers.1.mlp.switch_mlp.up_proj").asDouble();
        double attention = errors.path("model.layers.1.self_attn.o_proj").asDouble();
        double head = errors.path("lm_head").asDouble();
        assertTrue(attention > 0.001 && attention < head && head < feedForward && feedForward < 0.2, errors.toString());
        assertEquals(5, last.path("errorByLayer").size(), last.toString());
        JsonNode config =
                new ObjectMapper().readTree(made.resolve("config.json").toFile());
        JsonNode own = config.path("quantization").path("model.layers.1.self_attn.o_proj");
        assertEquals(8, own.path("bits").asInt(), config.toString());
    }

    @Test
    void refusesInOneSentence() {
        String source = Ran.GOLDEN.resolve("deepseek_v3/hf").toString();
        String made = folder.resolve("made").toString();
        refused("got AFFINE of 7 bits", source, made, "--bits", "7");
        refused("expected usual, careful or eight", source, made, "--recipe", "tiny");
        refused("give either it or those", source, made, "--recipe", "eight", "--bits", "4");
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
