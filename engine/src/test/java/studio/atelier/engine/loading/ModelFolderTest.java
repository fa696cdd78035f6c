package studio.atelier.engine.loading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.StoredTensor;

/** Folders that are refused, each with file, tensor and number, before anything is computed. */
final class ModelFolderTest {
    private static final String NORM = "model.layers.1.input_layernorm.weight";
    private static final String GATE = "model.layers.0.mlp.experts.3.gate_proj.weight";

    @TempDir
    Path folder;

    /** What a tensor becomes in a folder with a fault. */
    private record Changed(DType type, List<Long> shape, byte[] bytes) {}

    @BeforeEach
    void copy() throws IOException {
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(GoldenFile.path("qwen3_moe/hf").resolve(file), folder.resolve(file));
        }
    }

    @Test
    void theFolderItselfIsGood() throws Exception {
        try (CpuBackend backend = CpuBackend.scalar();
                ModelFolder open = ModelFolder.open(folder)) {
            assertEquals(448, open.load(backend).vocabularySize());
        }
    }

    @Test
    void missingTensorIsNamed() throws Exception {
        rewrite(tensors -> tensors.remove(GATE));
        refuses(Reason.TENSOR_MISSING, GATE);
    }

    @Test
    void leftOverTensorIsNamed() throws Exception {
        rewrite(tensors ->
                tensors.put("model.layers.7.surprise.weight", new Changed(DType.F32, List.of(1L), new byte[4])));
        refuses(Reason.TENSOR_UNUSED, "model.safetensors", "model.layers.7.surprise.weight", "qwen3_moe");
    }

    @Test
    void tensorOfAnotherShapeIsNamedWithBothShapes() throws Exception {
        rewrite(tensors -> tensors.put(NORM, new Changed(DType.BF16, List.of(127L), new byte[254])));
        refuses(Reason.TENSOR_SHAPE, "model.safetensors", NORM, "[127]", "[128]");
    }

    @Test
    void tensorOfAnotherTypeIsNamed() throws Exception {
        rewrite(tensors -> tensors.put(NORM, new Changed(DType.I32, List.of(128L), new byte[512])));
        refuses(Reason.DTYPE_UNSUPPORTED, NORM, "I32", "BF16");
    }

    @Test
    void fileThatWasCutShortIsNamed() throws Exception {
        Path file = folder.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1000));
        refuses(Reason.MODEL_FILE_BROKEN, "model.safetensors");
    }

    @Test
    void folderWithoutWeightsIsIncomplete() throws Exception {
        Files.delete(folder.resolve("model.safetensors"));
        refuses(Reason.MODEL_FOLDER_INCOMPLETE, folder.getFileName().toString());
    }

    @Test
    void folderWithoutConfigurationIsIncomplete() throws Exception {
        Files.delete(folder.resolve("config.json"));
        refuses(Reason.MODEL_FOLDER_INCOMPLETE, "config.json");
    }

    @Test
    void unknownArchitectureIsNamed() throws Exception {
        replaceInConfig("\"qwen3_moe\"", "\"brain_of_next_year\"");
        refuses(Reason.ARCHITECTURE_UNKNOWN, "brain_of_next_year", "deepseek_v3");
    }

    @Test
    void sizesOutOfBoundsAreRefused() throws Exception {
        replaceInConfig("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 2000000000");
        refuses(Reason.CONFIG_INVALID, "config.json", "num_hidden_layers", "2000000000");
    }

    @Test
    void moreExpertsThanThereAreCantBeChosen() throws Exception {
        replaceInConfig("\"num_experts_per_tok\": 2", "\"num_experts_per_tok\": 9");
        refuses(Reason.CONFIG_INVALID, "num_experts_per_tok", "9");
    }

    @Test
    void weightsLargerThanMemoryAreRefused() throws Exception {
        long size = Files.size(folder.resolve("model.safetensors"));
        EngineException refusal = assertThrows(
                EngineException.class,
                () -> ModelFolder.open(folder, new Memory(size / 2, size)).close());
        assertEquals(Reason.MEMORY_TOO_SMALL, refusal.reason());
        ModelFolder.open(folder, new Memory(2 * size, size)).close();
    }

    @Test
    void contextIsCutToWhatHasRoomBesideTheWeights() throws Exception {
        Memory memory = new Memory(10_000_000_000L, 1_000_000_000L);
        assertEquals(8_000, memory.contextTokens(5_000_000_000L, 1_000, 8_000, 0));
        assertEquals(6_000, memory.contextTokens(5_000_000_000L, 100_000, 8_000, 0));
        assertEquals(2_000, memory.contextTokens(5_000_000_000L, 100_000, 8_000, 2_000));
        assertEquals(1_000, memory.contextTokens(9_900_000_000L, 100_000, 1_000, 0));
        for (int asked : new int[] {0, 7_000}) {
            EngineException refusal = assertThrows(
                    EngineException.class, () -> memory.contextTokens(9_990_000_000L, 100_000, 8_000, asked));
            assertEquals(Reason.MEMORY_TOO_SMALL, refusal.reason());
            String message = String.valueOf(refusal.getMessage());
            assertTrue(message.contains("10.0 GB") && message.contains(asked == 0 ? "1024" : "7000"), message);
        }
    }

    @Test
    void numbersThatMakeNoSenseAreRefused() throws Exception {
        config("\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": NaN");
        refuses(Reason.CONFIG_INVALID, "config.json", "rms_norm_eps", "NaN");
        config("\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": -1");
        refuses(Reason.CONFIG_INVALID, "rms_norm_eps", "-1");
        config("\"num_experts\": 8", "\"num_experts\": 0");
        refuses(Reason.CONFIG_INVALID, "num_experts", "0");
        config("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3");
        refuses(Reason.CONFIG_INVALID, "heads", "3");
        config("\"head_dim\": 32", "\"head_dim\": 31");
        refuses(Reason.CONFIG_INVALID, "head_dim", "31");
        config("\"hidden_size\": 128", "\"hidden_size\": -128");
        refuses(Reason.CONFIG_INVALID, "hidden_size", "-128");
        config("\"hidden_size\": 128", "\"hidden_size\": \"wide\"");
        refuses(Reason.CONFIG_INVALID, "hidden_size", "wide");
        config("\"hidden_size\": 128", "\"hidden_size\": 256");
        refuses(Reason.TENSOR_SHAPE, "model.embed_tokens.weight", "128", "256");
        config("\"vocab_size\": 448", "\"vocab_size\": 449");
        refuses(Reason.TENSOR_SHAPE, "model.embed_tokens.weight", "448", "449");
        config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
        refuses(Reason.TENSOR_MISSING, "model.layers.2.");
        config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
        refuses(Reason.TENSOR_UNUSED, "model.layers.1.");
        config("{", "{,");
        refuses(Reason.CONFIG_INVALID, "config.json", "JSON");
    }

    /** One change to the good configuration. */
    private void config(String old, String fresh) throws IOException {
        Files.copy(
                GoldenFile.path("qwen3_moe/hf").resolve("config.json"),
                folder.resolve("config.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Path file = folder.resolve("config.json");
        String text = Files.readString(file);
        assertTrue(text.contains(old), text);
        Files.writeString(file, text.replace(old, fresh));
    }

    @Test
    void headersThatLieAreRefused() throws Exception {
        header(Long.MAX_VALUE, text -> text);
        refuses(Reason.MODEL_FILE_BROKEN, "model.safetensors", "9223372036854775807");
        header(24_999_999, text -> text);
        refuses(Reason.MODEL_FILE_BROKEN, "model.safetensors", "24999999");
        header(-1, text -> text.replace("\"data_offsets\":[0,", "\"data_offsets\":[-5,"));
        refuses(Reason.MODEL_FILE_BROKEN, "model.safetensors", "-5");
        header(-1, text -> text.replaceFirst("\"dtype\":\"BF16\"", "\"dtype\":\"B16\""));
        refuses(Reason.DTYPE_UNSUPPORTED, "model.safetensors", "B16");
        header(-1, text -> text.substring(0, text.length() / 2));
        refuses(Reason.MODEL_FILE_BROKEN, "model.safetensors", "JSON");
    }

    /** The good file with another header; its length as given, or as it is. */
    private void header(long length, java.util.function.UnaryOperator<String> change) throws IOException {
        byte[] good = Files.readAllBytes(GoldenFile.path("qwen3_moe/hf").resolve("model.safetensors"));
        var bytes = java.nio.ByteBuffer.wrap(good).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        int old = (int) bytes.getLong(0);
        byte[] text = change.apply(new String(good, 8, old, java.nio.charset.StandardCharsets.UTF_8))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        var made = java.nio.ByteBuffer.allocate(good.length - old + text.length)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(length < 0 ? text.length : length)
                .put(text)
                .put(good, 8 + old, good.length - 8 - old);
        Files.write(folder.resolve("model.safetensors"), made.array());
    }

    @Test
    void aShardThatIsNotThereIsNamed() throws Exception {
        index("model-00002-of-00002.safetensors");
        refuses(Reason.MODEL_FOLDER_INCOMPLETE, "model-00002-of-00002.safetensors");
        index("../../etc/passwd.safetensors");
        refuses(Reason.MODEL_FILE_BROKEN, "index.json", "passwd");
    }

    /** An index that places every tensor where it is, and one more in another file. */
    private void index(String otherFile) throws Exception {
        StringBuilder places = new StringBuilder("{\"weight_map\": {\"x\": \"" + otherFile + "\"");
        try (Safetensors open = Safetensors.open(folder.resolve("model.safetensors"))) {
            for (String name : open.tensors().keySet()) {
                places.append(", \"").append(name).append("\": \"model.safetensors\"");
            }
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), places.append("}}"));
    }

    private void refuses(Reason reason, String... says) throws Exception {
        try (CpuBackend backend = CpuBackend.scalar()) {
            EngineException refusal = assertThrows(EngineException.class, () -> {
                try (ModelFolder open = ModelFolder.open(folder)) {
                    open.load(backend);
                }
            });
            String message = String.valueOf(refusal.getMessage());
            assertEquals(reason, refusal.reason(), message);
            for (String part : says) {
                assertTrue(message.contains(part), message);
            }
        }
    }

    private void replaceInConfig(String old, String fresh) throws IOException {
        Path file = folder.resolve("config.json");
        String text = Files.readString(file);
        assertTrue(text.contains(old), text);
        Files.writeString(file, text.replace(old, fresh));
    }

    private interface Fault {
        void into(Map<String, Changed> tensors);
    }

    private void rewrite(Fault fault) throws Exception {
        Path file = folder.resolve("model.safetensors");
        Map<String, Changed> tensors = new LinkedHashMap<>();
        try (Safetensors open = Safetensors.open(file)) {
            for (StoredTensor tensor : open.tensors().values()) {
                List<Long> shape = LongStream.of(tensor.shape()).boxed().toList();
                byte[] bytes = tensor.bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
                tensors.put(tensor.name(), new Changed(tensor.dtype(), shape, bytes));
            }
        }
        fault.into(tensors);
        List<SafetensorsWriter.Announced> announced = new ArrayList<>();
        tensors.forEach(
                (name, tensor) -> announced.add(new SafetensorsWriter.Announced(name, tensor.type(), tensor.shape())));
        Files.delete(file);
        try (SafetensorsWriter writer = SafetensorsWriter.begin(file, announced, Map.of())) {
            for (Map.Entry<String, Changed> tensor : tensors.entrySet()) {
                writer.write(
                        tensor.getKey(), MemorySegment.ofArray(tensor.getValue().bytes()));
            }
            writer.finish();
        }
    }
}
