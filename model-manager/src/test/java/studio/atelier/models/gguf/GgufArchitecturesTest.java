package studio.atelier.models.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.Logits;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.hostile.GoldenHub;

/** A checkpoint computes the same by way of a GGUF file: names, layouts and configuration of each architecture. */
final class GgufArchitecturesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path throughGguf(Path source, String architecture) throws Exception {
        Path file = folder.resolve("model.gguf");
        Files.write(file, GoldenAsGguf.of(source, architecture));
        Path target = folder.resolve("made");
        GgufConverter.convert(file, target, _ -> {});
        return target;
    }

    /** The logits are the reference's, as those of the checkpoint itself are. */
    @ParameterizedTest
    @CsvSource({"deepseek_v3_noqlora, deepseek2", "deepseek_v3_bf16, deepseek2", "gpt_oss, gpt-oss", "mixtral, llama"})
    void logitsAreTheReferences(String model, String architecture) throws Exception {
        Path golden = GoldenHub.GOLDEN.resolve(model);
        Path target = throughGguf(golden.resolve("hf"), architecture);
        Path reference = Files.createDirectory(folder.resolve("reference"));
        Files.copy(golden.resolve("golden.safetensors"), reference.resolve("model.safetensors"));
        try (ModelFiles files = ModelFiles.open(reference)) {
            float[] expected = GoldenAsGguf.values(files.tensor("logits"));
            Logits got = Logits.compute(target, BackendChoice.CPU_FLOAT, whole(files.tensor("tokens")), 16);
            assertArrayEquals(expected, got.logits(), 3e-4f);
            assertArrayEquals(whole(files.tensor("greedy_tokens")), got.greedyTokens());
        }
    }

    private static int[] whole(StoredTensor tensor) {
        int[] numbers = new int[(int) tensor.count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = tensor.bytes().get(RowDecoder.INT, 4L * i);
        }
        return numbers;
    }

    /** Qwen2 is Llama with biases of queries, keys and values, and its heads are not turned. */
    @ParameterizedTest
    @CsvSource({"llama, false", "qwen2, true"})
    void logitsAreThoseOfTheCheckpoint(String architecture, boolean biases) throws Exception {
        Path source = dense(biases);
        Path target = throughGguf(source, architecture);
        int[] tokens = {3, 17, 200, 5, 64};
        Logits expected = Logits.compute(source, BackendChoice.CPU_FLOAT, tokens, 4);
        Logits got = Logits.compute(target, BackendChoice.CPU_FLOAT, tokens, 4);
        assertArrayEquals(expected.logits(), got.logits(), 1e-6f);
        assertArrayEquals(expected.greedyTokens(), got.greedyTokens());
    }

    /** The golden Llama without scaling, as F32, with biases or without. */
    private Path dense(boolean biases) throws Exception {
        Path golden = GoldenHub.GOLDEN.resolve("llama/hf");
        Path source = Files.createDirectory(folder.resolve("source"));
        ObjectNode config =
                (ObjectNode) JSON.readTree(golden.resolve("config.json").toFile());
        config.remove("rope_scaling");
        JSON.writeValue(source.resolve("config.json").toFile(), config);
        Map<Announced, float[]> tensors = new LinkedHashMap<>();
        Random random = new Random(7);
        try (ModelFiles files = ModelFiles.open(golden)) {
            for (StoredTensor tensor : files.tensors().values()) {
                List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
                tensors.put(new Announced(tensor.name(), DType.F32, shape), GoldenAsGguf.values(tensor));
                if (biases && tensor.name().matches(".*\\.[qkv]_proj\\.weight")) {
                    float[] values = new float[(int) tensor.axis(0)];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) random.nextGaussian();
                    }
                    String name = tensor.name().replace(".weight", ".bias");
                    tensors.put(new Announced(name, DType.F32, List.of(tensor.axis(0))), values);
                }
            }
        }
        try (SafetensorsWriter writer = SafetensorsWriter.begin(
                source.resolve("model.safetensors"), List.copyOf(tensors.keySet()), Map.of("format", "pt"))) {
            for (Map.Entry<Announced, float[]> tensor : tensors.entrySet()) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(4 * tensor.getValue().length).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(tensor.getValue());
                writer.write(tensor.getKey().name(), MemorySegment.ofBuffer(bytes));
            }
            writer.finish();
        }
        return source;
    }

    @Test
    void mxfp4ExpertsKeepTheirCodes() throws Exception {
        Path target = throughGguf(GoldenHub.GOLDEN.resolve("gpt_oss/hf"), "gpt-oss");
        try (ModelFiles expected = ModelFiles.open(GoldenHub.GOLDEN.resolve("gpt_oss/mlx-mxfp4"));
                ModelFiles got = ModelFiles.open(target)) {
            int compared = 0;
            for (StoredTensor tensor : expected.tensors().values()) {
                if (tensor.name().matches(".*\\.experts\\.\\w+\\.(weight|scales)")) {
                    assertEquals(
                            -1,
                            tensor.bytes().mismatch(got.tensor(tensor.name()).bytes()),
                            tensor.name());
                    compared++;
                }
            }
            assertEquals(3 * 3 * 2, compared);
        }
    }

    @Test
    void layersThatPredictFurtherTokensAreLeft() throws Exception {
        Path target = throughGguf(GoldenHub.GOLDEN.resolve("deepseek_v3_bf16/hf"), "deepseek2");
        try (ModelFiles got = ModelFiles.open(target)) {
            assertTrue(got.tensors().containsKey("model.layers.2.self_attn.embed_q.weight"));
            assertFalse(got.tensors().keySet().stream().anyMatch(name -> name.startsWith("model.layers.3.")));
        }
    }

    /** A block behind the last one is of no use, and is not taken for a layer that predicts. */
    @Test
    void aBlockTooManyIsRefused() throws Exception {
        byte[] file = GoldenAsGguf.of(dense(false), "qwen2");
        byte[] name = "blk.1.attn_norm.weight".getBytes();
        int at = indexOf(file, name);
        file[at + 4] = '7';
        Path source = folder.resolve("model.gguf");
        Files.write(source, file);
        EngineException refused = assertThrows(
                EngineException.class, () -> GgufConverter.convert(source, folder.resolve("made"), _ -> {}));
        assertTrue(refused.getMessage().contains("blk.7.attn_norm.weight"), refused.getMessage());
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i < bytes.length - part.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }
}
