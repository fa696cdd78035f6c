package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.quantize.Quantized;
import studio.atelier.engine.quantize.Quantizer;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;

/**
 * A synthetic BF16 checkpoint of two gigabytes, quantized as {@code studio quantize} does, beside the plain way: a whole
 * tensor unpacked, one core, one number at a time. {@code ./mvnw -pl model-manager -am test -Dtest=QuantizeBenchmark
 * -Datelier.benchmark=true -Dsurefire.failIfNoSpecifiedTests=false}. It prints gigabytes read per second and per core,
 * and the most memory, and judges nothing.
 */
final class QuantizeBenchmark {
    private static final int LAYERS = Integer.getInteger("atelier.benchmark.layers", 5);
    private static final int HIDDEN = 4_096;
    private static final int HEADS = 32;
    private static final int KEY_HEADS = 8;
    private static final int INNER = 12_288;

    @TempDir
    private Path folder;

    @Test
    void besideThePlainWay() throws Exception {
        assumeTrue(Boolean.getBoolean("atelier.benchmark"), "only when asked for");
        Path source = checkpoint();
        double gigabytes = Files.size(source.resolve("model.safetensors")) / 1e9;
        for (int round = 0; round < 2; round++) {
            tell("plain", gigabytes, () -> plain(source));
            Path target = folder.resolve("made" + round);
            tell("atelier", gigabytes, () -> FolderQuantizer.quantize(source, target, Recipe.usual(), _ -> {}));
            FolderQuantizer.remove(target);
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    private static void tell(String name, double gigabytes, Task task) throws Exception {
        System.gc();
        List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
        pools.forEach(MemoryPoolMXBean::resetPeakUsage);
        ProcessHandle.Info before = ProcessHandle.current().info();
        long begun = System.nanoTime();
        task.run();
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpuSeconds = ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElseThrow()
                        .minus(before.totalCpuDuration().orElseThrow())
                        .toMillis()
                / 1e3;
        long heap =
                pools.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        System.out.printf(
                "%-8s %.2f GB in %6.2f s: %.2f GB/s, %.2f GB/s per core, heap at most %d MB%n",
                name, gigabytes, seconds, gigabytes / seconds, gigabytes / cpuSeconds, heap / 1_000_000);
    }

    /** Every matrix becomes floats as a whole, then codes, then a file. */
    private void plain(Path source) throws Exception {
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
                    Path file = folder.resolve("plain.bin");
                    Files.write(file, packed.packed().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
                }
            }
        }
    }

    private Path checkpoint() throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.writeString(source.resolve("config.json"), String.format("""
                        {"model_type": "qwen3", "hidden_size": %d, "num_hidden_layers": %d, "intermediate_size": %d,
                         "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": 128, "vocab_size": 1024,
                         "rms_norm_eps": 1e-6, "rope_theta": 1000000, "max_position_embeddings": 4096,
                         "tie_word_embeddings": true, "torch_dtype": "bfloat16"}
                        """, HIDDEN, LAYERS, INNER, HEADS, KEY_HEADS));
        List<Announced> tensors = new ArrayList<>();
        tensors.add(bf16("model.embed_tokens.weight", 1_024, HIDDEN));
        tensors.add(bf16("model.norm.weight", HIDDEN));
        for (int layer = 0; layer < LAYERS; layer++) {
            String at = "model.layers." + layer + ".";
            tensors.add(bf16(at + "input_layernorm.weight", HIDDEN));
            tensors.add(bf16(at + "post_attention_layernorm.weight", HIDDEN));
            tensors.add(bf16(at + "self_attn.q_norm.weight", 128));
            tensors.add(bf16(at + "self_attn.k_norm.weight", 128));
            tensors.add(bf16(at + "self_attn.q_proj.weight", HEADS * 128L, HIDDEN));
            tensors.add(bf16(at + "self_attn.k_proj.weight", KEY_HEADS * 128L, HIDDEN));
            tensors.add(bf16(at + "self_attn.v_proj.weight", KEY_HEADS * 128L, HIDDEN));
            tensors.add(bf16(at + "self_attn.o_proj.weight", HIDDEN, HEADS * 128L));
            tensors.add(bf16(at + "mlp.gate_proj.weight", INNER, HIDDEN));
            tensors.add(bf16(at + "mlp.up_proj.weight", INNER, HIDDEN));
            tensors.add(bf16(at + "mlp.down_proj.weight", HIDDEN, INNER));
        }
        Random random = new Random(1);
        short[] draws = new short[1 << 20];
        for (int i = 0; i < draws.length; i++) {
            draws[i] = (short) (Float.floatToRawIntBits((float) random.nextGaussian() * 0.02f) >>> 16);
        }
        ByteBuffer bytes = ByteBuffer.allocate(2 * draws.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(draws);
        java.lang.foreign.MemorySegment block = java.lang.foreign.MemorySegment.ofBuffer(bytes);
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(source.resolve("model.safetensors"), tensors, Map.of("format", "pt"))) {
            for (Announced tensor : tensors) {
                for (long at = 0; at < tensor.sizeBytes(); at += block.byteSize()) {
                    writer.write(tensor.name(), block.asSlice(0, Math.min(block.byteSize(), tensor.sizeBytes() - at)));
                }
            }
            writer.finish();
        }
        return source;
    }

    private static Announced bf16(String name, long rows, long columns) {
        return new Announced(name, DType.BF16, List.of(rows, columns));
    }

    private static Announced bf16(String name, long length) {
        return new Announced(name, DType.BF16, List.of(length));
    }
}
