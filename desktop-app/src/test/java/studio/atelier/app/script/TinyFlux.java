package studio.atelier.app.script;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** The golden FLUX.2 with a text encoder of random numbers: a real model of pictures that means nothing by them. */
public final class TinyFlux {
    private static final long HIDDEN = 8;
    private static final int LAYERS = 4;

    private TinyFlux() {}

    /** Lays it out in a folder. */
    public static Path layOut(Path folder) throws IOException {
        Path golden = TinyFolder.GOLDEN.resolve("image/flux2-tiny");
        ObjectMapper json = new ObjectMapper();
        JsonNode config = json.readTree(golden.resolve("config.json").toFile());
        for (String part : List.of("transformer", "vae")) {
            Path to = Files.createDirectories(folder.resolve(part));
            Files.writeString(to.resolve("config.json"), json.writeValueAsString(config.get(part)));
            Files.copy(golden.resolve(part + ".safetensors"), to.resolve("diffusion_pytorch_model.safetensors"));
        }
        Files.writeString(
                Files.createDirectories(folder.resolve("tokenizer")).resolve("tokenizer.json"),
                LetterTokenizer.json("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"));
        textEncoder(Files.createDirectories(folder.resolve("text_encoder")));
        Files.writeString(folder.resolve("model_index.json"), "{\"_class_name\":\"Flux2KleinPipeline\"}");
        return folder;
    }

    private static void textEncoder(Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "qwen3", "vocab_size": 128, "hidden_size": 8, "num_hidden_layers": 4,
                 "intermediate_size": 16, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4,
                 "tie_word_embeddings": true}""");
        List<Announced> tensors = new ArrayList<>();
        add(tensors, "model.embed_tokens", 128, HIDDEN);
        for (int i = 0; i < LAYERS; i++) {
            String at = "model.layers." + i + ".";
            add(tensors, at + "input_layernorm", HIDDEN);
            add(tensors, at + "self_attn.q_proj", 8, HIDDEN);
            add(tensors, at + "self_attn.k_proj", 4, HIDDEN);
            add(tensors, at + "self_attn.v_proj", 4, HIDDEN);
            add(tensors, at + "self_attn.o_proj", HIDDEN, 8);
            add(tensors, at + "self_attn.q_norm", 4);
            add(tensors, at + "self_attn.k_norm", 4);
            add(tensors, at + "post_attention_layernorm", HIDDEN);
            add(tensors, at + "mlp.gate_proj", 16, HIDDEN);
            add(tensors, at + "mlp.up_proj", 16, HIDDEN);
            add(tensors, at + "mlp.down_proj", HIDDEN, 16);
        }
        add(tensors, "model.norm", HIDDEN);
        Random random = new Random(4);
        try (SafetensorsWriter writer =
                SafetensorsWriter.begin(folder.resolve("model.safetensors"), tensors, Map.of())) {
            for (Announced tensor : tensors) {
                ByteBuffer bytes = ByteBuffer.allocate((int) tensor.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
                while (bytes.hasRemaining()) {
                    bytes.putFloat((float) random.nextGaussian() * 0.6f);
                }
                writer.write(tensor.name(), MemorySegment.ofArray(bytes.array()));
            }
            writer.finish();
        }
    }

    private static void add(List<Announced> tensors, String module, long... shape) {
        tensors.add(new Announced(
                module + ".weight",
                DType.F32,
                java.util.Arrays.stream(shape).boxed().toList()));
    }
}
