package studio.atelier.models.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.Benchmark;
import studio.atelier.engine.Engine;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.models.download.Volume;

/** Shapes written for llama.cpp, read back with the reader of such files. */
final class SyntheticGgufTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What makes any of the shapes small; each takes from it what it has. */
    private static final Map<String, Integer> TINY = Map.ofEntries(
            Map.entry("vocab_size", 300),
            Map.entry("hidden_size", 128),
            Map.entry("num_hidden_layers", 2),
            Map.entry("intermediate_size", 192),
            Map.entry("num_attention_heads", 4),
            Map.entry("num_key_value_heads", 2),
            Map.entry("head_dim", 32),
            Map.entry("num_experts", 8),
            Map.entry("n_routed_experts", 8),
            Map.entry("moe_intermediate_size", 64),
            Map.entry("q_lora_rank", 64),
            Map.entry("kv_lora_rank", 96),
            Map.entry("qk_nope_head_dim", 32),
            Map.entry("qk_rope_head_dim", 16),
            Map.entry("v_head_dim", 64));

    @TempDir
    private Path folder;

    private static SyntheticLayout tiny(String shape) throws Exception {
        ObjectNode json = (ObjectNode) JSON.readTree(Benchmark.syntheticConfig(shape));
        TINY.forEach((key, value) -> {
            if (json.has(key)) {
                json.put(key, value);
            }
        });
        return SyntheticLayout.of("tiny", ModelConfig.of("tiny", json));
    }

    private Path written(String shape) throws Exception {
        Path file = folder.resolve("tiny.gguf");
        long sizeBytes = SyntheticGguf.write(tiny(shape), file, Volume.REAL);
        assertEquals(Files.size(file), sizeBytes);
        assertFalse(Files.exists(folder.resolve("tiny.gguf.partial")));
        return file;
    }

    private static void assertTensor(GgufFile file, String name, GgufType type, long... shape) {
        GgufTensor tensor = file.tensors().get(name);
        assertTrue(tensor != null, name);
        assertEquals(type, tensor.type(), name);
        assertArrayEquals(shape, tensor.shape(), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3moe-2b", "deepseek-v3-2b", "dense-8l"})
    void numbersAreOfTheSizeThatKeepsActivationsInRange(String shape) throws Exception {
        try (GgufFile file = GgufFile.open(written(shape))) {
            for (GgufTensor tensor : file.tensors().values()) {
                boolean norm = tensor.shape().length == 1;
                assertEquals(norm || tensor.name().contains("gate_inp"), tensor.type() == GgufType.F32, tensor.name());
                float[] row = new float[tensor.columns()];
                double squares = 0;
                for (long i = 0; i < tensor.rows(); i++) {
                    tensor.read(i, row, 0);
                    for (float number : row) {
                        squares += number * number;
                    }
                }
                double size = squares / tensor.rows() / (norm ? tensor.columns() : 1);
                assertEquals(1, size, norm ? 0 : 0.15, tensor.name());
            }
        }
    }

    @Test
    void expertsAreOneTensorForAll() throws Exception {
        try (GgufFile file = GgufFile.open(written("qwen3moe-2b"))) {
            assertEquals(new GgufValue.Text("qwen3moe"), file.metadata().get("general.architecture"));
            assertEquals(new GgufValue.Whole(4), file.metadata().get("qwen3moe.expert_used_count"));
            assertEquals(new GgufValue.Whole(64), file.metadata().get("qwen3moe.expert_feed_forward_length"));
            assertTensor(file, "blk.1.ffn_gate_inp.weight", GgufType.F32, 8, 128);
            assertTensor(file, "blk.1.ffn_up_exps.weight", GgufType.Q4_0, 8, 64, 128);
            assertTensor(file, "blk.1.ffn_down_exps.weight", GgufType.Q4_0, 8, 128, 64);
            assertTensor(file, "blk.0.attn_k_norm.weight", GgufType.F32, 32);
            assertEquals(3 + 2 * 12, file.tensors().size());
        }
    }

    @Test
    void latentsAreOneKeyHeadWhoseUpProjectionIsCut() throws Exception {
        try (GgufFile file = GgufFile.open(written("deepseek-v3-2b"))) {
            Map<String, GgufValue> metadata = file.metadata();
            assertEquals(new GgufValue.Text("deepseek2"), metadata.get("general.architecture"));
            assertEquals(new GgufValue.Whole(1), metadata.get("deepseek2.attention.head_count_kv"));
            assertEquals(new GgufValue.Whole(112), metadata.get("deepseek2.attention.key_length"));
            assertEquals(new GgufValue.Whole(48), metadata.get("deepseek2.attention.key_length_mla"));
            assertEquals(new GgufValue.Whole(2), metadata.get("deepseek2.expert_gating_func"));
            assertEquals(new GgufValue.Real(2.5), metadata.get("deepseek2.expert_weights_scale"));
            assertEquals(new GgufValue.Flag(true), metadata.get("deepseek2.expert_weights_norm"));
            assertTensor(file, "blk.0.attn_k_b.weight", GgufType.Q4_0, 4, 96, 32);
            assertTensor(file, "blk.0.attn_v_b.weight", GgufType.Q4_0, 4, 64, 96);
            assertTensor(file, "blk.0.attn_kv_a_mqa.weight", GgufType.Q4_0, 112, 128);
            assertTensor(file, "blk.0.ffn_up.weight", GgufType.Q4_0, 192, 128);
            assertTensor(file, "blk.1.ffn_up_exps.weight", GgufType.Q4_0, 8, 64, 128);
            assertTensor(file, "blk.1.ffn_down_shexp.weight", GgufType.Q4_0, 128, 64);
            assertFalse(file.tensors().containsKey("blk.0.ffn_up_exps.weight"));
        }
    }

    @ParameterizedTest
    @CsvSource({"qwen3moe-2b, 2", "dense-8l, 2", "deepseek-v3-2b, 4"})
    void ownEngineOpensWhatIsWritten(String shape, int keyHeads) throws Exception {
        Path target = folder.resolve("converted");
        GgufConverter.convert(written(shape), target, _ -> {});
        Engine.check(target);
        ModelConfig read = ModelConfig.inFolder(target);
        assertEquals(128, read.integer("hidden_size", 1, 1 << 20));
        assertEquals(keyHeads, read.integer("num_key_value_heads", 1, 1 << 20));
        assertEquals(1e-6, read.number("rms_norm_eps"), 1e-9);
    }

    /** What the whole files hold; nothing is written. */
    @ParameterizedTest
    @CsvSource({"qwen3moe-2b, 1.13e9", "deepseek-v3-2b, 1.05e9", "dense-8l, 1.02e9"})
    void wholeShapesAreAsLargeAsTheOnesThatAreMeasured(String shape, double sizeBytes) throws Exception {
        ObjectNode json = (ObjectNode) JSON.readTree(Benchmark.syntheticConfig(shape));
        List<GgufWriter.Announced> tensors =
                SyntheticLayout.of(shape, ModelConfig.of(shape, json)).tensors();
        long sum = 0;
        for (GgufWriter.Announced tensor : tensors) {
            sum += tensor.sizeBytes();
        }
        assertEquals(sizeBytes, sum, 0.01e9);
    }

    @Test
    void fullDiskIsSaidAndLeavesNothing() throws Exception {
        Path file = folder.resolve("tiny.gguf");
        Volume small = new Volume() {
            @Override
            public long usableBytes(Path where) {
                return 100_000;
            }
        };
        IOException refused = assertThrows(IOException.class, () -> SyntheticGguf.write(tiny("dense-8l"), file, small));
        assertTrue(refused.getMessage().contains("free"), refused.getMessage());
        Volume filling = new Volume() {
            @Override
            public void write(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
                if (position > 50_000) {
                    throw new IOException("No space left on device");
                }
                Volume.super.write(channel, bytes, position);
            }
        };
        IOException full = assertThrows(IOException.class, () -> SyntheticGguf.write(tiny("dense-8l"), file, filling));
        assertEquals(
                file + " could not be written whole (No space left on device) and is removed again: free some space or"
                        + " choose another disk.",
                full.getMessage());
        try (var left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void fileThatIsThereIsKept() throws Exception {
        Path file = written("dense-8l");
        byte[] before = Files.readAllBytes(file);
        assertThrows(IOException.class, () -> SyntheticGguf.write(tiny("qwen3moe-2b"), file, Volume.REAL));
        assertArrayEquals(before, Files.readAllBytes(file));
    }
}
