package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

/**
 * A synthetic BF16 checkpoint of two gigabytes, quantized as {@code studio quantize} does, beside the plain way: a whole
 * tensor unpacked, one core, one number at a time. {@code ./mvnw -pl model-manager -am test -Dtest=QuantizeBenchmark
 * -Datelier.benchmark=true -Dsurefire.failIfNoSpecifiedTests=false}. It prints gigabytes read per second and per core,
 * and the most memory, and judges nothing.
 */
final class QuantizeBenchmark {
    private static final int LAYERS = Integer.getInteger("atelier.benchmark.layers", 5);

    @TempDir
    private Path folder;

    @Test
    void besideThePlainWay() throws Exception {
        assumeTrue(Boolean.getBoolean("atelier.benchmark"), "only when asked for");
        var shape = new SyntheticCheckpoint.Shape(LAYERS, 4_096, 32, 8, 12_288, 1_024);
        Path source = SyntheticCheckpoint.write(Files.createDirectory(folder.resolve("source")), shape);
        double gigabytes = Files.size(source.resolve("model.safetensors")) / 1e9;
        for (int round = 0; round < 3; round++) {
            tell("plain", gigabytes, () -> plain(source, folder.resolve("plain.bin")));
            Path target = folder.resolve("made" + round);
            tell("atelier", gigabytes, () -> FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {}));
            FolderQuantizer.remove(target);
        }
        double largest = 2.0 * shape.hidden() * shape.inner() / 1e6;
        memory("plain", "-XX:MaxRAMPercentage=50", source, largest);
        memory("atelier", "-XX:MaxRAMPercentage=50", source, largest);
        // The plain way holds a whole tensor as floats and does not fit.
        memory("atelier", "-Xmx64m", source, largest);
    }

    private void memory(String how, String heap, Path source, double largest) throws Exception {
        Path scratch = Files.createDirectory(folder.resolve(how + heap.replaceAll("\\W", "")));
        long most = LargeTensorQuantizer.mostBytesMore(how, source, scratch, List.of(heap));
        System.out.printf(
                "%-8s with %s: at most %.0f MB more memory than for a small model; the largest tensor has %.0f MB%n",
                how, heap, most / 1e6, largest);
    }

    private interface Task {
        void run() throws Exception;
    }

    private static void tell(String name, double gigabytes, Task task) throws Exception {
        Duration before = used();
        long begun = System.nanoTime();
        task.run();
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpuSeconds = used().minus(before).toMillis() / 1e3;
        System.out.printf(
                "%-8s %.2f GB in %6.2f s: %.2f GB/s, %.2f GB/s of time on a core%n",
                name, gigabytes, seconds, gigabytes / seconds, gigabytes / cpuSeconds);
    }

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
    }

    /** Every matrix becomes floats as a whole, then codes, then a file. */
    static void plain(Path source, Path file) throws Exception {
        Scheme scheme = Scheme.affine(4, 64);
        try (ModelFiles files = ModelFiles.open(source)) {
            for (StoredTensor tensor : files.tensors().values()) {
                if (tensor.rank() == 2) {
                    int rows = (int) tensor.axis(0);
                    int columns = (int) tensor.axis(1);
                    Weight weight = Weight.dense(tensor.name(), rows, columns, tensor.dtype(), tensor.bytes());
                    float[] values = new float[rows * columns];
                    for (int r = 0; r < rows; r++) {
                        RowDecoder.decode(weight, r, values, r * columns);
                    }
                    Quantized packed = Quantizer.plain(values, rows, columns, scheme, tensor.dtype());
                    Files.write(file, packed.packed().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
                }
            }
        }
    }
}
