package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.Engine;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.hostile.GoldenHub;
import studio.atelier.models.hostile.HostileHub;
import studio.atelier.models.hostile.Visitor;

/** Weights that were published packed stay bit for bit what they are, and the rest around them is quantized. */
final class PackedSourceTest {
    private static final Path GPT_OSS = GoldenHub.GOLDEN.resolve("gpt_oss");
    private static final Path DEEPSEEK =
            GoldenHub.GOLDEN.resolve("deepseek_v3_bf16").resolve("hf");

    @TempDir
    private Path folder;

    @Test
    void mxfp4ExpertsAreThoseOfMlx() throws Exception {
        Path target = folder.resolve("made");
        Map<String, QuantizationError> errors = new TreeMap<>();
        FolderQuantizer.quantize(
                GPT_OSS.resolve("hf"), target, Recipe.usual(), (_, measured) -> errors.putAll(measured), _ -> {});
        int kept = 0;
        try (ModelFiles expected = ModelFiles.open(GPT_OSS.resolve("mlx-mxfp4"));
                ModelFiles got = ModelFiles.open(target)) {
            for (StoredTensor tensor : expected.tensors().values()) {
                boolean same = tensor.name().contains(".experts.") || tensor.rank() == 1;
                if (same) {
                    StoredTensor mine = got.tensor(tensor.name());
                    assertEquals(tensor.toString(), mine.toString());
                    assertEquals(-1, tensor.bytes().mismatch(mine.bytes()), tensor.name());
                    kept++;
                } else {
                    String module = tensor.name().replaceFirst("\\.weight$", "");
                    assertTrue(got.tensors().containsKey(module + ".scales"), module);
                    assertTrue(errors.containsKey(module), module);
                }
            }
        }
        assertEquals(3 * 17 + 1, kept);
        assertTrue(errors.keySet().stream().noneMatch(name -> name.contains(".experts.")), errors.toString());
        JsonNode said = new ObjectMapper()
                .readTree(target.resolve("config.json").toFile())
                .path("quantization");
        assertEquals("mxfp4", said.path("mode").asText());
        assertEquals(32, said.path("group_size").asInt());
        String query = "model.layers.0.self_attn.q_proj";
        assertEquals(
                "{\"group_size\":64,\"bits\":4,\"mode\":\"affine\"}",
                said.path(query).toString());
        assertEquals(
                "{\"group_size\":64,\"bits\":8}",
                said.path("model.layers.2.mlp.router").toString());
        assertFalse(said.has("model.layers.0.mlp.experts.gate_proj"));
    }

    /** As mlx-lm does, though what they say is what holds for all. */
    @Test
    void modulesBesideKeptOnesAreNamed() throws Exception {
        Path target = folder.resolve("made");
        Recipe alike = Recipe.named("mxfp4", OptionalInt.empty(), OptionalInt.empty());
        FolderQuantizer.quantize(GPT_OSS.resolve("hf"), target, alike, _ -> {});
        JsonNode said = new ObjectMapper()
                .readTree(target.resolve("config.json").toFile())
                .path("quantization");
        for (String module : List.of("lm_head", "model.embed_tokens", "model.layers.0.self_attn.q_proj")) {
            assertEquals(
                    "{\"group_size\":32,\"bits\":4,\"mode\":\"mxfp4\"}",
                    said.path(module).toString());
        }
        assertFalse(said.has("model.layers.0.mlp.experts.gate_proj"));
    }

    @Test
    void compressedIntegersAreExact() throws Exception {
        Path source = folder.resolve("compressed");
        Map<String, float[]> meant = CompressedCheckpoint.write(DEEPSEEK, source);
        Path target = folder.resolve("made");
        FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        Engine.check(target);
        int compared = 0;
        try (ModelFiles got = ModelFiles.open(target)) {
            for (Map.Entry<String, float[]> matrix : meant.entrySet()) {
                String[] parts = matrix.getKey().split("\\.experts\\.|\\.(?=\\w+$)");
                String module = parts[0] + ".switch_mlp." + parts[2];
                float[] decoded = decode(got, module, Integer.parseInt(parts[1]));
                for (int i = 0; i < decoded.length; i++) {
                    assertEquals(matrix.getValue()[i], decoded[i], matrix.getKey() + " at " + i);
                }
                compared++;
            }
            assertTrue(got.tensors().containsKey("model.layers.1.self_attn.q_a_proj.scales"));
        }
        assertEquals(3 * 8 * 3, compared);
    }

    /** One expert's matrix out of the stack. */
    private static float[] decode(ModelFiles files, String module, int expert) throws EngineException {
        StoredTensor words = files.tensor(module + ".weight");
        StoredTensor scales = files.tensor(module + ".scales");
        StoredTensor biases = files.tensor(module + ".biases");
        int rows = (int) words.axis(1);
        int columns = (int) words.axis(2) * 8;
        Weight all = new Weight(
                module,
                (int) words.axis(0) * rows,
                columns,
                new QuantFormat.Affine(4, 32, scales.dtype()),
                new Weight.Plane(words.bytes(), columns / 2),
                new Weight.Plane(scales.bytes(), columns / 32 * 2L),
                new Weight.Plane(biases.bytes(), columns / 32 * 2L),
                0);
        float[] values = new float[rows * columns];
        for (int r = 0; r < rows; r++) {
            RowDecoder.decode(all, expert * rows + r, values, r * columns);
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt_oss", "compressed"})
    void arrivingIsTheSameAsAfterwards(String kind) throws Exception {
        Path source = GPT_OSS.resolve("hf");
        if (kind.equals("compressed")) {
            source = folder.resolve("compressed");
            CompressedCheckpoint.write(DEEPSEEK, source);
        }
        Path target = folder.resolve("made");
        // So many files that scales lie in another file than their codes somewhere.
        try (HostileHub hub = GoldenHub.of(source, folder, 9);
                Visitor visitor = new Visitor(hub.endpoint(), folder.resolve("cache"))) {
            ArrivingQuantizerTest.quantize(visitor, target);
        }
        Path afterwards = folder.resolve("afterwards");
        FolderQuantizer.quantize(source, afterwards, Recipe.usual(), 100_000, _ -> {});
        try (ModelFiles expected = ModelFiles.open(afterwards);
                ModelFiles got = ModelFiles.open(target)) {
            assertEquals(expected.tensors().keySet(), got.tensors().keySet());
            for (StoredTensor tensor : expected.tensors().values()) {
                assertEquals(
                        -1, tensor.bytes().mismatch(got.tensor(tensor.name()).bytes()), tensor.name());
            }
        }
        assertEquals(
                Files.readString(afterwards.resolve("config.json")), Files.readString(target.resolve("config.json")));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"num_bits\":4', '\"num_bits\":8', 8 bits",
        "'\"symmetric\":true', '\"symmetric\":false', not symmetric",
        "'\"group_size\":32', '\"group_size\":-1', groups of -1",
        "'\"type\":\"int\"', '\"type\":\"float\"', bits of float",
        "'\"pack-quantized\"', '\"marlin-24\"', marlin-24",
    })
    void otherWaysOfCompressingAreRefused(String said, String instead, String names) throws Exception {
        Path source = folder.resolve("compressed");
        CompressedCheckpoint.write(DEEPSEEK, source);
        Path config = source.resolve("config.json");
        String changed = Files.readString(config).replace(said, instead);
        assertTrue(changed.contains(instead), changed);
        Files.writeString(config, changed);
        Path target = folder.resolve("made");
        EngineException refusal = assertThrows(
                EngineException.class, () -> FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {}));
        assertTrue(refusal.getMessage().contains(names), refusal.getMessage());
        List<Path> left = new ArrayList<>();
        try (var entries = Files.list(folder)) {
            entries.forEach(left::add);
        }
        assertEquals(List.of(source), left);
    }
}
