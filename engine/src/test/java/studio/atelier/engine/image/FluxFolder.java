package studio.atelier.engine.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/** The golden FLUX.2 made into a whole folder: with a text encoder of random numbers and a tokenizer of single letters. */
public final class FluxFolder {
    private static final int HIDDEN = 8;
    private static final int LAYERS = 4;
    private static final int VOCABULARY = 128;

    private FluxFolder() {}

    public static Path layOut(Path folder) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config = (ObjectNode)
                json.readTree(GoldenFile.path("image/flux2-tiny/config.json").toFile());
        for (String part : List.of("transformer", "vae")) {
            Path to = Files.createDirectories(folder.resolve(part));
            Files.writeString(to.resolve("config.json"), json.writeValueAsString(config.get(part)));
            Files.copy(
                    GoldenFile.path("image/flux2-tiny/" + part + ".safetensors"),
                    to.resolve("diffusion_pytorch_model.safetensors"));
        }
        Path tokenizer = Files.createDirectories(folder.resolve("tokenizer"));
        Files.writeString(
                tokenizer.resolve("tokenizer.json"),
                LetterTokenizer.json("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"));
        textEncoder(Files.createDirectories(folder.resolve("text_encoder")));
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\":\"Flux2KleinPipeline\"}");
        return folder;
    }

    /** A Qwen3 whose three states side by side are as wide as the transformer expects. */
    public static void textEncoder(Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "qwen3", "vocab_size": 128, "hidden_size": 8, "num_hidden_layers": 4,
                 "intermediate_size": 16, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4,
                 "tie_word_embeddings": true}""");
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", new long[] {VOCABULARY, HIDDEN});
        for (int i = 0; i < LAYERS; i++) {
            String at = "model.layers." + i + ".";
            shapes.put(at + "input_layernorm.weight", new long[] {HIDDEN});
            shapes.put(at + "self_attn.q_proj.weight", new long[] {8, HIDDEN});
            shapes.put(at + "self_attn.k_proj.weight", new long[] {4, HIDDEN});
            shapes.put(at + "self_attn.v_proj.weight", new long[] {4, HIDDEN});
            shapes.put(at + "self_attn.o_proj.weight", new long[] {HIDDEN, 8});
            shapes.put(at + "self_attn.q_norm.weight", new long[] {4});
            shapes.put(at + "self_attn.k_norm.weight", new long[] {4});
            shapes.put(at + "post_attention_layernorm.weight", new long[] {HIDDEN});
            shapes.put(at + "mlp.gate_proj.weight", new long[] {16, HIDDEN});
            shapes.put(at + "mlp.up_proj.weight", new long[] {16, HIDDEN});
            shapes.put(at + "mlp.down_proj.weight", new long[] {HIDDEN, 16});
        }
        shapes.put("model.norm.weight", new long[] {HIDDEN});
        write(folder.resolve("model.safetensors"), shapes);
    }

    private static void write(Path file, Map<String, long[]> shapes) throws IOException {
        Random random = new Random(4);
        List<Announced> announced = shapes.entrySet().stream()
                .map(entry -> new Announced(
                        entry.getKey(),
                        DType.F32,
                        java.util.Arrays.stream(entry.getValue()).boxed().toList()))
                .toList();
        try (SafetensorsWriter writer = SafetensorsWriter.begin(file, announced, Map.of())) {
            for (Announced tensor : announced) {
                ByteBuffer bytes = ByteBuffer.allocate((int) tensor.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
                while (bytes.hasRemaining()) {
                    bytes.putFloat((float) random.nextGaussian() * 0.6f);
                }
                writer.write(tensor.name(), MemorySegment.ofArray(bytes.array()));
            }
            writer.finish();
        }
    }
}
