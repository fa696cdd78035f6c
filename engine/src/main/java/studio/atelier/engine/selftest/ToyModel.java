package studio.atelier.engine.selftest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.models.Architectures;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.Configuration;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightSource;
import studio.atelier.engine.tensor.WeightStack;

/** A model of two layers with random 4-bit weights, made in memory: does a backend continue a text as another does? */
public final class ToyModel {
    private static final int[] PROMPT = {3, 141, 59, 26, 53, 58, 97, 93, 238, 46, 26, 43};

    private ToyModel() {}

    /** The tokens after a fixed prompt, the likeliest each time. */
    public static int[] tokens(String architecture, Backend backend, int count) throws EngineException {
        Map<String, Object> config = configuration(architecture);
        CausalModel model = Architectures.load(new Fixed(config), new Modules(backend, new RandomSource()));
        KvCache cache = model.newCache();
        float[] logits = new float[model.vocabularySize()];
        int[] tokens = new int[count];
        int[] next = PROMPT;
        for (int i = 0; i < count; i++) {
            model.forward(next, cache, LogitRows.LAST, logits);
            tokens[i] = Sampler.likeliest(logits);
            next = new int[] {tokens[i]};
        }
        return tokens;
    }

    private static Map<String, Object> configuration(String architecture) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "model_type", architecture,
                "vocab_size", 256,
                "hidden_size", 128,
                "num_hidden_layers", 2,
                "intermediate_size", 192,
                "num_attention_heads", 4,
                "num_key_value_heads", 2,
                "head_dim", 32,
                "moe_intermediate_size", 64,
                "max_position_embeddings", 512));
        switch (architecture) {
            case "deepseek_v3", "deepseek_v2" ->
                all.putAll(Map.of(
                        "n_routed_experts", 8,
                        "num_experts_per_tok", 3,
                        "n_shared_experts", 1,
                        "n_group", 4,
                        "topk_group", 2,
                        "first_k_dense_replace", 1,
                        "kv_lora_rank", 64,
                        "q_lora_rank", 64,
                        "qk_nope_head_dim", 64,
                        "qk_rope_head_dim", 32));
            case "qwen3_moe" -> all.putAll(Map.of("num_experts", 8, "num_experts_per_tok", 2));
            case "mixtral" -> all.putAll(Map.of("num_local_experts", 8, "num_experts_per_tok", 2));
            case "llama", "qwen3" -> {
                // Nothing more.
            }
            default -> throw new IllegalArgumentException("architecture: expected a toy, got " + architecture);
        }
        all.put("v_head_dim", 64);
        all.put("num_nextn_predict_layers", 0);
        return all;
    }

    /** A configuration from numbers and words. */
    private record Fixed(Map<String, Object> values) implements Configuration {
        @Override
        public boolean has(String key) {
            return values.containsKey(key);
        }

        @Override
        public int integer(String key, int least, int most) throws EngineException {
            if (values.get(key) instanceof Integer number && number >= least && number <= most) {
                return number;
            }
            throw new EngineException(
                    EngineException.Reason.CONFIG_INVALID, "The toy model lacks " + key + ", or has it out of bounds.");
        }

        @Override
        public double number(String key, double fallback) {
            return values.get(key) instanceof Number number ? number.doubleValue() : fallback;
        }

        @Override
        public boolean flag(String key, boolean fallback) {
            return values.get(key) instanceof Boolean flag ? flag : fallback;
        }

        @Override
        public String text(String key, String fallback) {
            return values.get(key) instanceof String text ? text : fallback;
        }

        @Override
        public List<Integer> integers(String key) {
            return List.of();
        }

        @Override
        public List<String> texts(String key) {
            return List.of();
        }

        @Override
        public Optional<Configuration> section(String key) {
            return Optional.empty();
        }
    }

    /** Every tensor that is asked for, from a seed of its name. */
    private static final class RandomSource implements WeightSource {
        private static final QuantFormat FORMAT = new QuantFormat.Affine(4, 64, DType.BF16);

        @Override
        public boolean has(String tensor) {
            return tensor.endsWith(".e_score_correction_bias")
                    || tensor.contains(".switch_mlp.")
                    || tensor.contains(".embed_q.")
                    || tensor.contains(".unembed_out.");
        }

        @Override
        public Weight matrix(String module, int rows, int columns) {
            boolean router = module.endsWith(".gate");
            QuantFormat format = router ? new QuantFormat.Dense(DType.BF16) : FORMAT;
            return new RandomWeights(module.hashCode()).matrix(format, rows, columns);
        }

        @Override
        public WeightStack stack(String module, int count, int rows, int columns) {
            return new RandomWeights(module.hashCode()).stack(FORMAT, count, rows, columns);
        }

        @Override
        public WeightStack mxfp4Blocks(String prefix, int count, int rows, int columns) {
            return new RandomWeights(prefix.hashCode()).stack(new QuantFormat.Mxfp4(), count, rows, columns);
        }

        @Override
        public Weight filter(String module, int out, int in, int height, int width) {
            return matrix(module, out, height * width * in);
        }

        @Override
        public float[] numbers(String tensor, int... axes) {
            int count = 1;
            for (int axis : axes) {
                count *= axis;
            }
            float[] numbers = new RandomWeights(tensor.hashCode()).numbers(count);
            boolean norm = tensor.contains("norm");
            for (int i = 0; i < count; i++) {
                numbers[i] = norm ? 1 + 0.1f * numbers[i] : 0.1f * numbers[i];
            }
            return numbers;
        }

        @Override
        public WeightStack requantized(Weight whole, int count, int first, int stride, int rows, boolean transposed) {
            throw new IllegalStateException("the toy model has the newer layout");
        }

        @Override
        public void ignore(String tensor) {}
    }
}
