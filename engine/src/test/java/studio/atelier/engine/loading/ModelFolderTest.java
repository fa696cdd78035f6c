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
