package studio.atelier.models.convert;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/** A dense model in BF16 of any size, its numbers drawn once and used over and over. */
final class SyntheticCheckpoint {
    /** Numbers that are drawn; every tensor begins with the first of them. */
    static final int DRAWS = 1 << 20;

    private static final int HEAD = 128;

    /** How large it is. */
    record Shape(int layers, int hidden, int heads, int keyHeads, int inner, int vocabulary) {}

    private SyntheticCheckpoint() {}

    static Path write(Path folder, Shape shape) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                String.format(
                        """
                {"model_type": "qwen3", "hidden_size": %d, "num_hidden_layers": %d, "intermediate_size": %d,
                 "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d, "vocab_size": %d,
                 "rms_norm_eps": 1e-6, "rope_theta": 1000000, "max_position_embeddings": 4096,
                 "tie_word_embeddings": true, "torch_dtype": "bfloat16"}
                """,
                        shape.hidden(),
                        shape.layers(),
                        shape.inner(),
                        shape.heads(),
                        shape.keyHeads(),
                        HEAD,
                        shape.vocabulary()));
        List<Announced> tensors = tensors(shape);
        Random random = new Random(1);
        short[] draws = new short[DRAWS];
        for (int i = 0; i < draws.length; i++) {
            draws[i] = (short) (Float.floatToRawIntBits((float) random.nextGaussian() * 0.02f) >>> 16);
        }
        ByteBuffer bytes = ByteBuffer.allocate(2 * draws.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(draws);
        MemorySegment block = MemorySegment.ofBuffer(bytes);
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"))) {
            for (Announced tensor : tensors) {
                for (long at = 0; at < tensor.sizeBytes(); at += block.byteSize()) {
                    writer.write(tensor.name(), block.asSlice(0, Math.min(block.byteSize(), tensor.sizeBytes() - at)));
                }
            }
            writer.finish();
        }
        return folder;
    }

    private static List<Announced> tensors(Shape shape) {
        int hidden = shape.hidden();
        List<Announced> tensors = new ArrayList<>();
        tensors.add(bf16("model.embed_tokens.weight", shape.vocabulary(), hidden));
        tensors.add(bf16("model.norm.weight", hidden));
        for (int layer = 0; layer < shape.layers(); layer++) {
            String at = "model.layers." + layer + ".";
            tensors.add(bf16(at + "input_layernorm.weight", hidden));
            tensors.add(bf16(at + "post_attention_layernorm.weight", hidden));
            tensors.add(bf16(at + "self_attn.q_norm.weight", HEAD));
            tensors.add(bf16(at + "self_attn.k_norm.weight", HEAD));
            tensors.add(bf16(at + "self_attn.q_proj.weight", (long) shape.heads() * HEAD, hidden));
            tensors.add(bf16(at + "self_attn.k_proj.weight", (long) shape.keyHeads() * HEAD, hidden));
            tensors.add(bf16(at + "self_attn.v_proj.weight", (long) shape.keyHeads() * HEAD, hidden));
            tensors.add(bf16(at + "self_attn.o_proj.weight", hidden, (long) shape.heads() * HEAD));
            tensors.add(bf16(at + "mlp.gate_proj.weight", shape.inner(), hidden));
            tensors.add(bf16(at + "mlp.up_proj.weight", shape.inner(), hidden));
            tensors.add(bf16(at + "mlp.down_proj.weight", hidden, shape.inner()));
        }
        return tensors;
    }

    private static Announced bf16(String name, long rows, long columns) {
        return new Announced(name, DType.BF16, List.of(rows, columns));
    }

    private static Announced bf16(String name, long length) {
        return new Announced(name, DType.BF16, List.of(length));
    }
}
