package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.hostile.GoldenHub;

/** Folders made here are what mlx-lm's loader demands, by rules that hold for the folders that mlx-lm made itself. */
final class MlxLoadingTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "deepseek_v3, mlx-q4",
        "deepseek_v3_bf16, mlx-q4",
        "deepseek_v3_noqlora, mlx-q4",
        "deepseek_v2, mlx-q4",
        "qwen3_moe, mlx-q4",
        "qwen3_moe, mlx-q8",
        "qwen3_moe, mlx-mxfp4",
        "qwen3_moe, mlx-nvfp4",
    })
    void theRulesHoldForWhatMlxMade(String model, String made) throws Exception {
        assertEquals(
                List.of(), MlxLoading.faults(GoldenHub.GOLDEN.resolve(model).resolve(made)));
    }

    private static Recipe recipe(String name) {
        return switch (name) {
            case "careful" -> Recipe.careful();
            case "eight" -> Recipe.eightBits();
            case "mxfp4", "nvfp4" -> Recipe.named(name, java.util.OptionalInt.empty(), java.util.OptionalInt.empty());
            default -> Recipe.usual();
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "deepseek_v2",
                "deepseek_v3",
                "deepseek_v3_bf16",
                "deepseek_v3_noqlora",
                "qwen3_moe",
                "qwen3",
                "llama",
                "mixtral",
                "gpt_oss"
            })
    void foldersMadeHereWouldLoad(String model) throws Exception {
        Path source = GoldenHub.GOLDEN.resolve(model).resolve("hf");
        for (String name : List.of("usual", "careful", "eight", "mxfp4", "nvfp4")) {
            Path target = folder.resolve(name);
            FolderQuantizer.quantize(source, target, recipe(name), 40_000, _ -> {});
            assertEquals(List.of(), MlxLoading.faults(target), name);
            assertTrue(Files.exists(target.resolve("model.safetensors.index.json")));
            var config = JSON.readTree(target.resolve("config.json").toFile());
            assertEquals(config.path("quantization"), config.path("quantization_config"));
        }
    }

    /** Of a layer that predicts further tokens mlx-lm knows one number only, the released model's. */
    @Test
    void asManyLayersAsTheReleasedModel() throws Exception {
        Path source = Files.createDirectory(folder.resolve("source"));
        writeWithLayers(GoldenHub.GOLDEN.resolve("deepseek_v3_bf16/hf"), source, 61);
        Path target = folder.resolve("made");
        FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        assertEquals(List.of(), MlxLoading.faults(target));
        try (ModelFiles files = ModelFiles.open(target)) {
            assertTrue(files.tensors().containsKey("model.layers.61.mlp.switch_mlp.up_proj.scales"));
        }
    }

    /** The same model with its last layer of experts several times over. */
    private static void writeWithLayers(Path from, Path into, int layers) throws Exception {
        ObjectNode config =
                (ObjectNode) JSON.readTree(from.resolve("config.json").toFile());
        int had = config.path("num_hidden_layers").asInt();
        config.put("num_hidden_layers", layers);
        JSON.writeValue(into.resolve("config.json").toFile(), config);
        try (ModelFiles files = ModelFiles.open(from)) {
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            for (StoredTensor tensor : files.tensors().values()) {
                String name = tensor.name();
                if (name.startsWith("model.layers." + had + ".")) {
                    tensors.put(name.replace("layers." + had + ".", "layers." + layers + "."), tensor);
                } else if (name.startsWith("model.layers." + (had - 1) + ".")) {
                    for (int layer = had - 1; layer < layers; layer++) {
                        tensors.put(name.replace("layers." + (had - 1) + ".", "layers." + layer + "."), tensor);
                    }
                } else {
                    tensors.put(name, tensor);
                }
            }
            write(into, tensors);
        }
    }

    /** mlx-lm looks at "torch_dtype" only; without it each tensor's scales are of the tensor's own type. */
    @ParameterizedTest
    @ValueSource(strings = {"nothing", "dtype"})
    void typesThatNobodyDeclaresStay(String said) throws Exception {
        Path golden = GoldenHub.GOLDEN.resolve("llama/hf");
        Path source = Files.createDirectory(folder.resolve("source"));
        ObjectNode config =
                (ObjectNode) JSON.readTree(golden.resolve("config.json").toFile());
        if (!said.equals("nothing")) {
            config.put(said, "bfloat16");
        }
        JSON.writeValue(source.resolve("config.json").toFile(), config);
        String wide = "model.layers.1.mlp.up_proj";
        try (ModelFiles files = ModelFiles.open(golden)) {
            Map<String, StoredTensor> tensors = new LinkedHashMap<>(files.tensors());
            StoredTensor matrix = files.tensor(wide + ".weight");
            int rows = (int) matrix.axis(0);
            int columns = (int) matrix.axis(1);
            Weight weight = Weight.dense(matrix.name(), rows, columns, matrix.dtype(), matrix.bytes());
            float[] values = new float[rows * columns];
            for (int row = 0; row < rows; row++) {
                RowDecoder.decode(weight, row, values, row * columns);
            }
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            tensors.put(
                    matrix.name(),
                    new StoredTensor(
                            matrix.name(),
                            DType.F32,
                            new long[] {rows, columns},
                            MemorySegment.ofBuffer(bytes),
                            matrix.file()));
            write(source, tensors);
        }
        Path narrow = folder.resolve("narrow");
        FolderQuantizer.quantize(golden, narrow, Recipe.usual(), _ -> {});
        Path target = folder.resolve("made");
        FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        assertEquals(List.of(), MlxLoading.faults(target));
        try (ModelFiles expected = ModelFiles.open(narrow);
                ModelFiles got = ModelFiles.open(target)) {
            for (StoredTensor tensor : expected.tensors().values()) {
                StoredTensor mine = got.tensor(tensor.name());
                boolean wider = tensor.name().startsWith(wide) && !tensor.name().endsWith(".weight");
                assertEquals(wider ? DType.F32 : tensor.dtype(), mine.dtype(), tensor.name());
                if (!wider) {
                    assertEquals(-1, tensor.bytes().mismatch(mine.bytes()), tensor.name());
                }
            }
        }
    }

    /** Without a word about it Hugging Face's Llama has a head of its own; mlx-lm's class takes the embedding for it. */
    @Test
    void aHeadOfItsOwnIsSaid() throws Exception {
        Path golden = GoldenHub.GOLDEN.resolve("llama/hf");
        Path source = Files.createDirectory(folder.resolve("source"));
        ObjectNode config =
                (ObjectNode) JSON.readTree(golden.resolve("config.json").toFile());
        config.remove("tie_word_embeddings");
        JSON.writeValue(source.resolve("config.json").toFile(), config);
        Files.copy(golden.resolve("model.safetensors"), source.resolve("model.safetensors"));
        Path target = folder.resolve("made");
        FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {});
        assertEquals(List.of(), MlxLoading.faults(target));
    }

    private static void write(Path into, Map<String, StoredTensor> tensors) throws Exception {
        List<Announced> announced = tensors.entrySet().stream()
                .map(entry -> new Announced(
                        entry.getKey(),
                        entry.getValue().dtype(),
                        Arrays.stream(entry.getValue().shape()).boxed().toList()))
                .toList();
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(into.resolve("model.safetensors"), announced, Map.of("format", "pt"))) {
            for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
                writer.write(entry.getKey(), entry.getValue().bytes());
            }
            writer.finish();
        }
    }

    /** What mlx-lm would stumble over is found: the rules can fail. */
    @ParameterizedTest
    @ValueSource(strings = {"missing", "left", "shape", "type", "bits", "exception", "unpacked", "name"})
    void theRulesFindWhatIsWrong(String what) throws Exception {
        Path golden = GoldenHub.GOLDEN.resolve("qwen3_moe/mlx-q4");
        Path broken = Files.createDirectory(folder.resolve("broken"));
        ObjectNode config =
                (ObjectNode) JSON.readTree(golden.resolve("config.json").toFile());
        String module = "model.layers.1.self_attn.k_proj";
        try (ModelFiles files = ModelFiles.open(golden)) {
            Map<String, StoredTensor> tensors = new LinkedHashMap<>(files.tensors());
            StoredTensor scales = files.tensor(module + ".scales");
            ObjectNode quantization = (ObjectNode) config.path("quantization");
            switch (what) {
                case "missing" -> tensors.remove(module + ".biases");
                case "left" -> tensors.put("model.layers.2.input_layernorm.weight", scales);
                case "shape" -> tensors.put(module + ".scales", changed(scales, scales.dtype(), scales.count(), 1));
                case "type" ->
                    tensors.put(module + ".scales", changed(scales, DType.F16, scales.axis(0), scales.axis(1)));
                case "bits" -> quantization.put("bits", 8);
                case "exception" -> quantization.remove("model.layers.0.mlp.gate");
                case "unpacked" -> quantization.put(module, false);
                default ->
                    tensors.put("lm_head.weights", java.util.Objects.requireNonNull(tensors.remove("lm_head.weight")));
            }
            JSON.writeValue(broken.resolve("config.json").toFile(), config);
            write(broken, tensors);
        }
        assertFalse(MlxLoading.faults(broken).isEmpty());
    }

    private static StoredTensor changed(StoredTensor tensor, DType type, long rows, long columns) {
        MemorySegment bytes = tensor.bytes();
        return new StoredTensor(tensor.name(), type, new long[] {rows, columns}, bytes, tensor.file());
    }
}
