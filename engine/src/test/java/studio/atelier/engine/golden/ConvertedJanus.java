package studio.atelier.engine.golden;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;

/** The golden Janus as transformers' conversion script would write it: other names, queries, keys and values apart. */
final class ConvertedJanus {
    /** Expressions of the script, in its order. */
    private static final List<String[]> RULES = List.of(
            new String[] {
                "(?<!gen_)vision_model\\.vision_tower\\.blocks\\.(\\d+)\\.attn",
                "model.vision_model.encoder.layers.$1.self_attn"
            },
            new String[] {"(?<!gen_)vision_model.vision_tower.blocks", "model.vision_model.encoder.layers"},
            new String[] {
                "(?<!gen_)vision_model.vision_tower.pos_embed",
                "model.vision_model.embeddings.position_embedding.weight"
            },
            new String[] {
                "(?<!gen_)vision_model.vision_tower.patch_embed.proj", "model.vision_model.embeddings.patch_embedding"
            },
            new String[] {"(?<!gen_)vision_model.vision_tower.norm", "model.vision_model.post_layernorm"},
            new String[] {"(\\bmodel\\.vision_model\\b.*\\.)proj(?=\\.|$)", "$1projection_layer"},
            new String[] {"(\\bmodel\\.vision_model\\b.*\\.)norm1(?=\\.|$)", "$1layer_norm1"},
            new String[] {"(\\bmodel\\.vision_model\\b.*\\.)norm2(?=\\.|$)", "$1layer_norm2"},
            new String[] {"gen_vision_model", "model.vqmodel"},
            new String[] {"(model\\.vqmodel.*)decoder\\.conv_blocks", "$1decoder.up"},
            new String[] {"(model\\.vqmodel.*)encoder\\.conv_blocks", "$1encoder.down"},
            new String[] {"(model\\.vqmodel.*\\.)res(?=\\.)", "$1block"},
            new String[] {"(model\\.vqmodel.*\\.)mid\\.0", "$1mid.block_1"},
            new String[] {"(model\\.vqmodel.*\\.)mid\\.1", "$1mid.attn_1"},
            new String[] {"(model\\.vqmodel.*\\.)mid\\.2", "$1mid.block_2"},
            new String[] {"gen_aligner\\.layers\\.0", "model.generation_aligner.fc1"},
            new String[] {"gen_aligner\\.layers\\.2", "model.generation_aligner.hidden_layers.0"},
            new String[] {"^aligner\\.layers\\.0", "model.aligner.fc1"},
            new String[] {"^aligner\\.layers\\.2", "model.aligner.hidden_layers.0"},
            new String[] {"gen_head.output_mlp_projector", "model.generation_head.proj_out"},
            new String[] {"^gen_embed", "model.generation_embeddings"},
            new String[] {"^gen_head", "model.generation_head"},
            new String[] {"^language_model\\.model", "model.language_model"},
            new String[] {"^language_model\\.lm_head", "lm_head"});

    private ConvertedJanus() {}

    static void layOut(Path from, Path to) throws IOException, EngineException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(from.resolve("config.json").toFile());
        ObjectNode converted = json.createObjectNode().put("model_type", "janus");
        converted.set("text_config", config.get("language_config"));
        converted
                .putObject("vision_config")
                .put("image_size", 64)
                .put("hidden_size", 24)
                .put("num_hidden_layers", 2)
                .put("num_attention_heads", 2)
                .put("patch_size", 16)
                .put("mlp_ratio", 2.0);
        ObjectNode vq = converted
                .putObject("vq_config")
                .put("num_embeddings", 64)
                .put("embed_dim", 8)
                .put("base_channels", 8)
                .put("num_res_blocks", 2)
                .put("latent_channels", 16)
                .put("image_token_embed_dim", 32)
                .put("group_norm_groups", 4);
        vq.set("channel_multiplier", config.at("/atelier_tiny/vq/ch_mult"));
        Files.writeString(to.resolve("config.json"), json.writeValueAsString(converted));
        write(from.resolve("model.safetensors"), to.resolve("model.safetensors"));
    }

    private static void write(Path from, Path to) throws IOException, EngineException {
        try (Safetensors file = Safetensors.open(from)) {
            List<Announced> announced = new ArrayList<>();
            Map<String, MemorySegment> bytes = new LinkedHashMap<>();
            for (StoredTensor tensor : file.tensors().values()) {
                if (tensor.name().contains("attn_pool") || tensor.name().endsWith("codebook_used")) {
                    continue;
                }
                String name = renamed(tensor.name());
                List<Long> shape =
                        new ArrayList<>(Arrays.stream(tensor.shape()).boxed().toList());
                if (name.endsWith("position_embedding.weight")) {
                    shape.removeFirst();
                }
                List<String> parts = name.contains("qkv")
                        ? List.of(
                                name.replace("qkv", "q_proj"),
                                name.replace("qkv", "k_proj"),
                                name.replace("qkv", "v_proj"))
                        : List.of(name);
                shape.set(0, shape.getFirst() / parts.size());
                long size = tensor.bytes().byteSize() / parts.size();
                for (int i = 0; i < parts.size(); i++) {
                    announced.add(new Announced(parts.get(i), tensor.dtype(), shape));
                    bytes.put(parts.get(i), tensor.bytes().asSlice(i * size, size));
                }
            }
            try (SafetensorsWriter writer = SafetensorsWriter.begin(to, announced, Map.of())) {
                for (Map.Entry<String, MemorySegment> entry : bytes.entrySet()) {
                    writer.write(entry.getKey(), entry.getValue());
                }
                writer.finish();
            }
        }
    }

    private static String renamed(String name) {
        String now = name;
        for (String[] rule : RULES) {
            now = now.replaceAll(rule[0], rule[1]);
        }
        return now;
    }
}
