package studio.atelier.engine.models;

import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;

/**
 * Sizes of Janus, from {@code config.json}: as its authors publish it ({@code multi_modality}) or as Hugging Face converts
 * it ({@code janus}). What the sections leave out is fixed by the classes they name.
 *
 * @param codes entries of the code book
 * @param codeSize numbers per entry
 * @param headSize size within the head for codes; 0 for that of the language model
 * @param pixels a side of a picture
 * @param converted whether names are those of Hugging Face's conversion
 */
record JanusConfig(
        int codes, int codeSize, int headSize, int pixels, VqConfig vq, SigLip.Config eye, boolean converted) {
    static JanusConfig from(Configuration c) throws EngineException {
        return c.text("model_type", "").equals("janus") ? converted(c) : published(c);
    }

    private static JanusConfig published(Configuration c) throws EngineException {
        Configuration head = parameters(c, "gen_head_config");
        int codes = head.integerOr(16_384, "image_token_size", 1, Bounds.VOCABULARY);
        int codeSize = parameters(c, "gen_vision_config").integerOr(8, "n_embed", 1, Bounds.WIDTH);
        int pixels = parameters(c, "vision_config").integerOr(384, "image_size", 16, 1 << 12);
        // Small models of the same build say in this section where their classes differ from the published ones.
        Configuration own = c.section("atelier_tiny").orElse(c);
        return new JanusConfig(
                codes,
                codeSize,
                head.has("image_token_embed") ? head.integer("image_token_embed", 1, Bounds.WIDTH) : 0,
                pixels,
                VqConfig.from(own.section("vq").orElse(own), codes, codeSize),
                SigLip.Config.from(own.section("siglip").orElse(own), pixels),
                false);
    }

    private static JanusConfig converted(Configuration c) throws EngineException {
        Configuration vq = section(c, "vq_config");
        Configuration eye = section(c, "vision_config");
        int codes = vq.integerOr(16_384, "num_embeddings", 1, Bounds.VOCABULARY);
        int codeSize = vq.integerOr(8, "embed_dim", 1, Bounds.WIDTH);
        int pixels = eye.integerOr(384, "image_size", 16, 1 << 12);
        return new JanusConfig(
                codes,
                codeSize,
                vq.integerOr(2048, "image_token_embed_dim", 1, Bounds.WIDTH),
                pixels,
                VqConfig.converted(vq, codes, codeSize),
                SigLip.Config.converted(eye, pixels),
                true);
    }

    private static Configuration parameters(Configuration c, String name) throws EngineException {
        Configuration found = section(c, name);
        return found.section("params").orElse(found);
    }

    private static Configuration section(Configuration c, String name) throws EngineException {
        Optional<Configuration> found = c.section(name);
        if (found.isEmpty()) {
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID,
                    "config.json: " + name + " is missing, so this is no Janus model.");
        }
        return found.get();
    }

    /** Of the Llama. Janus-Pro-7B writes down only what differs from Hugging Face's LlamaConfig. */
    static Configuration language(Configuration c) throws EngineException {
        Configuration given = c.section(c.text("model_type", "").equals("janus") ? "text_config" : "language_config")
                .orElse(c);
        return new Fallbacks(
                given,
                Map.of(
                        "vocab_size", 32_000,
                        "hidden_size", 4096,
                        "intermediate_size", 11_008,
                        "num_hidden_layers", 32,
                        "num_attention_heads", 32));
    }
}
