package studio.atelier.engine.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.backend.metal.PassAccount;
import studio.atelier.engine.backend.metal.PlanningBackend;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.models.Architectures;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.weights.ModelConfig;

/**
 * One token of a model after so many others.
 *
 * @param context positions in the cache before it
 * @param account what it costs
 */
public record TokenPlan(int context, PassAccount account) {
    /** Plans a token at each of these contexts, keys and values as float16. */
    public static List<TokenPlan> of(ModelConfig config, List<Integer> contexts) throws EngineException {
        List<TokenPlan> plans = new ArrayList<>();
        try (PlanningBackend backend = new PlanningBackend(true)) {
            boolean released = config.modelType().equals("gpt_oss");
            CausalModel model = Architectures.load(config, new Modules(backend, new ShapesOnly(released)));
            float[] best = new float[2];
            for (int context : contexts) {
                KvCache cache = model.newCache();
                cache.advance(context);
                model.forwardBest(new int[] {0}, cache, 1, best);
                plans.add(new TokenPlan(context, backend.account()));
            }
        }
        return plans;
    }

    /**
     * Seconds of a token when the GPU reads at this share of its bandwidth, and attention over the cache, which is bound
     * by arithmetic, reaches half of the operations per second; nothing overlaps.
     */
    public double seconds(Machine machine, double bandwidthShare) {
        return account.bytes() / (machine.bytesPerSecond() * bandwidthShare)
                + account.attentionOperations() / (machine.operationsPerSecond() * 0.5);
    }

    /**
     * A machine by its maker's figures.
     *
     * @param bytesPerSecond of its memory
     * @param operationsPerSecond floating-point, of its GPU; about
     */
    public record Machine(String name, double bytesPerSecond, double operationsPerSecond) {
        /** Those that predictions are made for. */
        public static final List<Machine> KNOWN = List.of(
                new Machine("M3 Ultra", 819e9, 28e12),
                new Machine("M4 Max", 546e9, 18e12),
                new Machine("M5 Max", 614e9, 20e12));
    }

    /** Tokens per second that others report for a short context, by the name of a plan; not measured by us. */
    public static final Map<String, String> REPORTED = Map.of(
            "deepseek-v3", "M3 Ultra, 4-bit: mlx-lm 20 to 21, llama.cpp 17 to 18",
            "qwen3-30b-a3b", "M4 Max, 4-bit: mlx-lm 113");
}
