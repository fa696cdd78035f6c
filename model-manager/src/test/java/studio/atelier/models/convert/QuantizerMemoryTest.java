package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;

/** A tensor is never in memory as a whole: neither as it was published nor as floats nor packed. */
final class QuantizerMemoryTest {
    private static final int ROWS = 16_384;
    private static final int COLUMNS = 4_096;
    private static final long LARGEST_BYTES = 2L * ROWS * COLUMNS;

    @TempDir
    private Path folder;

    @Test
    void aTensorMayBeLargerThanTheHeap() throws Exception {
        assumeTrue(OwnMemory.isKnown(), "this system doesn't tell how much memory a program has of its own");
        Path source = SyntheticCheckpoint.write(
                Files.createDirectory(folder.resolve("source")),
                new SyntheticCheckpoint.Shape(1, COLUMNS, 1, 1, 64, ROWS));
        long most = LargeTensorQuantizer.mostBytesMore(
                "atelier", source, folder, List.of("-Xmx64m", "-XX:MaxDirectMemorySize=16m"));
        System.out.printf(
                "at most %.1f MB more than for a small model; the largest tensor has %.1f MB%n",
                most / 1e6, LARGEST_BYTES / 1e6);
        assertTrue(most < LARGEST_BYTES, "it took " + most + " bytes for a tensor of " + LARGEST_BYTES);
        isRight(source, folder.resolve("large-atelier"));
    }

    /** The checkpoint's numbers come again and again, so the codes must, and the first of them be what the plain loop makes. */
    private static void isRight(Path source, Path made) throws Exception {
        int rows = SyntheticCheckpoint.DRAWS / COLUMNS;
        float[] values = new float[SyntheticCheckpoint.DRAWS];
        try (ModelFiles from = ModelFiles.open(source);
                ModelFiles got = ModelFiles.open(made)) {
            StoredTensor tensor = from.tensor("model.embed_tokens.weight");
            Weight matrix = Weight.dense(tensor.name(), ROWS, COLUMNS, tensor.dtype(), tensor.bytes());
            for (int row = 0; row < rows; row++) {
                RowDecoder.decode(matrix, row, values, row * COLUMNS);
            }
            Quantized expected = Quantizer.plain(values, rows, COLUMNS, Scheme.affine(4, 64), tensor.dtype());
            isAllOf(got.tensor("model.embed_tokens.weight").bytes(), expected.packed());
            isAllOf(got.tensor("model.embed_tokens.scales").bytes(), expected.scales());
            isAllOf(got.tensor("model.embed_tokens.biases").bytes(), expected.biases());
        }
    }

    private static void isAllOf(MemorySegment whole, MemorySegment part) {
        assertEquals(0, whole.byteSize() % part.byteSize());
        for (long at = 0; at < whole.byteSize(); at += part.byteSize()) {
            assertEquals(-1, whole.asSlice(at, part.byteSize()).mismatch(part), "from byte " + at);
        }
    }
}
