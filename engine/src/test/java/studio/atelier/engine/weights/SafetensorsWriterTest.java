package studio.atelier.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.DType;

final class SafetensorsWriterTest {
    private static final List<SafetensorsWriter.Announced> TWO = List.of(
            new SafetensorsWriter.Announced("model.ä\"1", DType.U8, List.of(3L, 1L)),
            new SafetensorsWriter.Announced("scalar", DType.I32, List.of()));

    @TempDir
    Path folder;

    @Test
    void whatWasWrittenIsRead() throws IOException, EngineException {
        Path file = folder.resolve("m.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.begin(file, TWO, Map.of("format", "mlx"))) {
            writer.write("model.ä\"1", MemorySegment.ofArray(new byte[] {1, 2}));
            assertFalse(Files.exists(file), "half a file must not have the name of a whole one");
            writer.write("scalar", MemorySegment.ofArray(new int[] {77}));
            writer.write("model.ä\"1", MemorySegment.ofArray(new byte[] {3}));
            writer.finish();
        }
        try (Safetensors read = Safetensors.open(file)) {
            assertEquals(Map.of("format", "mlx"), read.metadata());
            StoredTensor first = read.tensors().get("model.ä\"1");
            assertArrayEquals(new byte[] {1, 2, 3}, first.bytes().toArray(ValueLayout.JAVA_BYTE));
            assertArrayEquals(new long[] {3, 1}, first.shape());
            assertEquals(77, read.tensors().get("scalar").bytes().get(ValueLayout.JAVA_INT_UNALIGNED, 0));
        }
        try (var left = Files.list(folder)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void closeRemovesWhatIsNotFinished() throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.begin(folder.resolve("m.safetensors"), TWO, Map.of())) {
            writer.write("model.ä\"1", MemorySegment.ofArray(new byte[3]));
            assertThrows(IllegalStateException.class, writer::finish);
        }
        try (var left = Files.list(folder)) {
            assertTrue(left.toList().isEmpty());
        }
    }

    @Test
    void writeRefusesWhatWasNotAnnounced() throws IOException {
        try (SafetensorsWriter writer = SafetensorsWriter.begin(folder.resolve("m.safetensors"), TWO, Map.of())) {
            MemorySegment two = MemorySegment.ofArray(new byte[2]);
            assertThrows(IllegalArgumentException.class, () -> writer.write("other", two));
            writer.write("model.ä\"1", two);
            var refusal = assertThrows(IllegalArgumentException.class, () -> writer.write("model.ä\"1", two));
            assertEquals("write: expected at most 1 more bytes of model.ä\"1, got 2", refusal.getMessage());
        }
    }

    @Test
    void beginRefusesANameTwice() {
        List<SafetensorsWriter.Announced> twice = List.of(TWO.get(1), TWO.get(1));
        assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.begin(folder.resolve("m.safetensors"), twice, Map.of()));
    }
}
