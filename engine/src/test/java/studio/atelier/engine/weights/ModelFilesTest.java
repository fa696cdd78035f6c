package studio.atelier.engine.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.DType;

final class ModelFilesTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    @TempDir
    Path folder;

    @BeforeEach
    void twoShards() throws IOException {
        write(FIRST, "a", "b");
        write(SECOND, "c");
        index("\"a\":\"" + FIRST + "\",\"b\":\"" + FIRST + "\",\"c\":\"" + SECOND + "\"");
    }

    private void write(String file, String... names) throws IOException {
        var announced = Arrays.stream(names)
                .map(name -> new SafetensorsWriter.Announced(name, DType.U8, List.of(2L)))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.begin(folder.resolve(file), announced, Map.of())) {
            for (String name : names) {
                writer.write(name, MemorySegment.ofArray(new byte[2]));
            }
            writer.finish();
        }
    }

    private void index(String weightMap) throws IOException {
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\":{\"total_size\":6},\"weight_map\":{" + weightMap + "}}");
    }

    private void refuses(Reason reason, String... says) {
        var refusal = assertThrows(EngineException.class, () -> ModelFiles.open(folder));
        String message = String.valueOf(refusal.getMessage());
        assertEquals(reason, refusal.reason(), message);
        for (String part : says) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void openJoinsTheShards() throws EngineException {
        try (ModelFiles files = ModelFiles.open(folder)) {
            assertEquals(Set.of("a", "b", "c"), files.tensors().keySet());
            assertEquals(6, files.sizeBytes());
            assertEquals(folder.resolve(SECOND), files.tensor("c").file());
            var refusal = assertThrows(EngineException.class, () -> files.tensor("d"));
            assertEquals(Reason.TENSOR_MISSING, refusal.reason());
        }
    }

    @Test
    void openReadsAFolderWithoutIndex() throws IOException, EngineException {
        Files.delete(folder.resolve("model.safetensors.index.json"));
        try (ModelFiles files = ModelFiles.open(folder)) {
            assertEquals(3, files.tensors().size());
        }
        write("model.safetensors", "only");
        try (ModelFiles files = ModelFiles.open(folder)) {
            assertEquals(Set.of("only"), files.tensors().keySet());
        }
    }

    @Test
    void openRefusesAMissingShard() throws IOException {
        Files.delete(folder.resolve(SECOND));
        refuses(Reason.MODEL_FOLDER_INCOMPLETE, SECOND + " is missing");
    }

    @Test
    void openRefusesATensorThatOnlyTheIndexKnows() throws IOException {
        index("\"a\":\"" + FIRST + "\",\"b\":\"" + FIRST + "\",\"c\":\"" + SECOND + "\",\"d\":\"" + SECOND + "\"");
        refuses(Reason.TENSOR_MISSING, SECOND + ": d is not in it");
    }

    @Test
    void openRefusesATensorThatTheIndexDoesNotKnow() throws IOException {
        index("\"a\":\"" + FIRST + "\",\"c\":\"" + SECOND + "\"");
        refuses(Reason.MODEL_FILE_BROKEN, FIRST + ": it holds b, which the index places in no file");
    }

    @Test
    void openRefusesATensorInAnotherFile() throws IOException {
        index("\"a\":\"" + FIRST + "\",\"b\":\"" + SECOND + "\",\"c\":\"" + SECOND + "\"");
        refuses(Reason.MODEL_FILE_BROKEN, "it holds b, which the index places in " + SECOND);
    }

    @Test
    void openRefusesAShardThatTheIndexDoesNotName() throws IOException {
        write("model-00003-of-00003.safetensors", "z");
        refuses(Reason.MODEL_FILE_BROKEN, "model-00003-of-00003.safetensors", "not this one");
    }

    @Test
    void openLeavesOtherFilesAlone() throws IOException, EngineException {
        write("consolidated.safetensors", "z");
        Files.write(folder.resolve("._model-00001-of-00002.safetensors"), new byte[3]);
        try (ModelFiles files = ModelFiles.open(folder)) {
            assertEquals(3, files.tensors().size());
        }
    }

    @Test
    void openRefusesATensorTwice() throws IOException {
        Files.delete(folder.resolve("model.safetensors.index.json"));
        write("z.safetensors", "a");
        refuses(Reason.MODEL_FILE_BROKEN, "it holds a, which", FIRST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "..\\\\x.safetensors",
                "/etc/x.safetensors",
                "C:x.safetensors",
                "sub/x.safetensors",
                "x\\u0000.safetensors",
                ".safetensors",
                "x.bin",
                ""
            })
    void openRefusesAWayOutOfTheFolder(String name) throws IOException {
        index("\"a\":\"" + name + "\"");
        refuses(Reason.MODEL_FILE_BROKEN, "a: expected the name of a .safetensors file");
    }

    @Test
    void openRefusesAnIndexOfAnotherKind() throws IOException {
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{}");
        refuses(Reason.MODEL_FILE_BROKEN, "weight_map");
        Files.writeString(index, "{\"weight_map\":{\"a\":3}}");
        refuses(Reason.MODEL_FILE_BROKEN, "got 3");
        Files.writeString(index, "{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}");
        refuses(Reason.MODEL_FILE_BROKEN, "Duplicate");
    }

    @Test
    void openRefusesAFolderWithoutWeights() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        var refusal = assertThrows(EngineException.class, () -> ModelFiles.open(empty));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusal.reason());
        assertThrows(EngineException.class, () -> ModelFiles.open(folder.resolve("none")));
    }
}
