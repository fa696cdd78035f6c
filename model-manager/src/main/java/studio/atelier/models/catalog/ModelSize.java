package studio.atelier.models.catalog;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.quantize.Scheme;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.StoredTensor;

/**
 * What a model weighs, from its headers and its configuration, before its weights are anywhere near.
 *
 * @param weightBytes of all weights as they will lie in memory
 * @param tokenBytes of the weights that one token reads: with experts, those that the router chooses
 * @param cacheBytesPerToken of the KV cache, all layers together
 * @param contextTokens that the model was made for
 */
public record ModelSize(long weightBytes, long tokenBytes, long cacheBytesPerToken, int contextTokens) {
    private static final int MOST = 1 << 24;
    private static final int CACHE_NUMBER_BYTES = Float.BYTES;

    /**
     * Reads it.
     *
     * @param tensors of the model; only names, types and shapes are looked at
     * @param bits that large matrices will have; empty when they stay as they are
     */
    public static ModelSize of(ModelConfig config, Map<String, StoredTensor> tensors, Optional<Scheme> bits)
            throws EngineException {
        return of(config, tensors, _ -> bits);
    }

    /**
     * Reads it, where matrices differ.
     *
     * @param bits that a module's matrix will have; empty when it stays as it is
     */
    public static ModelSize of(
            ModelConfig config, Map<String, StoredTensor> tensors, Function<String, Optional<Scheme>> bits)
            throws EngineException {
        ModelConfig text = config.textModel();
        double share = expertShare(text);
        double all = 0;
        double token = 0;
        for (StoredTensor tensor : tensors.values()) {
            double size = size(tensor, bitsOf(tensor, bits));
            boolean expert =
                    tensor.name().contains(".experts.") || tensor.name().contains(".switch_mlp.");
            // A row of the embedding is read for a token, not the table.
            boolean embedding = tensor.name().contains("embed_tokens");
            all += size;
            token += expert ? size * share : embedding ? 0 : size;
        }
        boolean ownHead = tensors.keySet().stream().anyMatch(name -> name.contains("lm_head"));
        boolean tied = text.flag("tie_word_embeddings", !ownHead);
        if (tied) {
            token += tensors.values().stream()
                    .filter(tensor -> tensor.name().contains("embed_tokens"))
                    .mapToDouble(tensor -> size(tensor, bitsOf(tensor, bits)))
                    .sum();
        }
        return new ModelSize((long) all, (long) token, cacheBytes(text), context(text));
    }

    private static Optional<Scheme> bitsOf(StoredTensor tensor, Function<String, Optional<Scheme>> bits) {
        String name = tensor.name();
        return bits.apply(name.endsWith(".weight") ? name.substring(0, name.length() - ".weight".length()) : name);
    }

    private static double size(StoredTensor tensor, Optional<Scheme> bits) {
        boolean matrix = tensor.rank() >= 2 && tensor.name().endsWith(".weight") && isFloat(tensor.dtype());
        if (tensor.name().endsWith("_scale_inv") && bits.isPresent()) {
            return 0;
        }
        if (tensor.name().endsWith(".weight_scale") && bits.isPresent()) {
            // Packed integers get a bias beside each scale.
            return 2.0 * tensor.sizeBytes();
        }
        if (bits.isEmpty() || !matrix || !bits.get().divides(tensor.axis(tensor.rank() - 1))) {
            return tensor.sizeBytes();
        }
        double overhead = bits.get().mode() == Scheme.Mode.AFFINE ? 32 : 8;
        return tensor.count() * (bits.get().bits() + overhead / bits.get().groupSize()) / 8;
    }

    private static boolean isFloat(DType type) {
        return switch (type) {
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2 -> true;
            case F8_E8M0, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> false;
        };
    }

    private static double expertShare(ModelConfig text) throws EngineException {
        for (String experts : new String[] {"n_routed_experts", "num_experts", "num_local_experts"}) {
            if (text.has(experts) && text.has("num_experts_per_tok")) {
                int count = text.integer(experts, 1, MOST);
                return (double) text.integer("num_experts_per_tok", 1, count) / count;
            }
        }
        return 1;
    }

    /** Latent attention caches one vector for all heads, the others a key and a value for each. */
    private static long cacheBytes(ModelConfig text) throws EngineException {
        long layers = text.integer("num_hidden_layers", 1, MOST);
        if (text.has("kv_lora_rank")) {
            long latent = text.integer("kv_lora_rank", 1, MOST) + text.integer("qk_rope_head_dim", 0, MOST);
            return layers * latent * CACHE_NUMBER_BYTES;
        }
        int heads = text.integer("num_attention_heads", 1, MOST);
        long keyHeads = text.has("num_key_value_heads") ? text.integer("num_key_value_heads", 1, MOST) : heads;
        long size =
                text.has("head_dim") ? text.integer("head_dim", 1, MOST) : text.integer("hidden_size", 1, MOST) / heads;
        return layers * keyHeads * size * 2 * CACHE_NUMBER_BYTES;
    }

    private static int context(ModelConfig text) throws EngineException {
        return text.has("max_position_embeddings")
                ? text.integer("max_position_embeddings", 1, Integer.MAX_VALUE)
                : 4096;
    }

    /** From nothing but the number of parameters, at four bits; for lists. */
    public static ModelSize ofParameters(long parameters) {
        long weights = (long) (parameters * 4.5 / 8);
        return new ModelSize(weights, weights, (long) (Math.cbrt(parameters) * 50), 32_768);
    }
}
