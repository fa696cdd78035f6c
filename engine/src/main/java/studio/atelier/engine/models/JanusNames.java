package studio.atelier.engine.models;

import java.util.LinkedHashMap;
import java.util.Map;

/** What Hugging Face's conversion of Janus ({@code convert_janus_weights_to_hf.py} of transformers) calls its tensors. */
final class JanusNames {
    private static final String EYE = "model.vision_model.";
    private static final String CODES = "model.vqmodel.";

    /** Beginnings of names, as Janus's authors and as Hugging Face write them; the first that fits holds. */
    private static final Map<String, String> BEGINNINGS = beginnings();

    private JanusNames() {}

    private static Map<String, String> beginnings() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("language_model.lm_head", "lm_head");
        names.put("language_model.model.", "model.language_model.");
        names.put("gen_embed", "model.generation_embeddings");
        names.put("gen_aligner.layers.0", "model.generation_aligner.fc1");
        names.put("gen_aligner.layers.2", "model.generation_aligner.hidden_layers.0");
        names.put("gen_head.output_mlp_projector", "model.generation_head.proj_out");
        names.put("gen_head.", "model.generation_head.");
        names.put("aligner.layers.0", "model.aligner.fc1");
        names.put("aligner.layers.2", "model.aligner.hidden_layers.0");
        names.put("gen_vision_model.", CODES);
        names.put("vision_model.vision_tower.patch_embed.proj", EYE + "embeddings.patch_embedding");
        names.put("vision_model.vision_tower.pos_embed", EYE + "embeddings.position_embedding.weight");
        names.put("vision_model.vision_tower.norm", EYE + "post_layernorm");
        names.put("vision_model.vision_tower.blocks.", EYE + "encoder.layers.");
        return names;
    }

    /** The converted name of a module or tensor; one that the conversion leaves alone stays as it is. */
    static String converted(String name) {
        for (Map.Entry<String, String> beginning : BEGINNINGS.entrySet()) {
            if (name.startsWith(beginning.getKey())) {
                return within(
                        beginning.getValue() + name.substring(beginning.getKey().length()));
            }
        }
        return name;
    }

    private static String within(String name) {
        if (name.startsWith(EYE)) {
            return name.replace(".attn.proj", ".self_attn.projection_layer")
                    .replace(".attn.", ".self_attn.")
                    .replace(".norm1", ".layer_norm1")
                    .replace(".norm2", ".layer_norm2");
        }
        if (name.startsWith(CODES)) {
            return name.replace("decoder.conv_blocks.", "decoder.up.")
                    .replace("encoder.conv_blocks.", "encoder.down.")
                    .replace(".res.", ".block.")
                    .replace(".mid.0", ".mid.block_1")
                    .replace(".mid.1", ".mid.attn_1")
                    .replace(".mid.2", ".mid.block_2");
        }
        return name;
    }
}
