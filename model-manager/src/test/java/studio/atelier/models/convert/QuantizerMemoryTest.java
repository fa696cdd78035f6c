package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    }
}
