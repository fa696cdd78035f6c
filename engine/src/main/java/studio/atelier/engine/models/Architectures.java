package studio.atelier.engine.models;

import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.Modules;

/** Which architectures there are, by the {@code model_type} of {@code config.json}. */
public final class Architectures {
    /** All that can be loaded. */
    public static final List<String> KNOWN =
            List.of("deepseek_v3", "kimi_k2", "deepseek_v2", "qwen3_moe", "qwen3", "llama", "mixtral", "gpt_oss");

    private Architectures() {}

    /**
     * Makes the model of a configuration. What it asks the weight source for counts as used.
     *
     * @throws EngineException when the type is unknown, a value out of bounds, or a tensor missing or mis-shaped
     */
    public static CausalModel load(Configuration configuration, Modules modules) throws EngineException {
        String type = configuration.text("model_type", "");
        return switch (type) {
            case "deepseek_v3", "kimi_k2" -> DeepseekV3.load(configuration, modules);
            case "deepseek_v2" -> DeepseekV2.load(configuration, modules);
            case "qwen3_moe" -> Qwen3Moe.load(configuration, modules);
            case "qwen3" -> Qwen3.load(configuration, modules);
            case "llama" -> Llama.load(configuration, modules);
            case "mixtral" -> Mixtral.load(configuration, modules);
            case "gpt_oss" -> GptOss.load(configuration, modules);
            default -> throw unknown(type);
        };
    }

    /** Refuses a type that can't be loaded. */
    public static void requireKnown(String type) throws EngineException {
        if (!KNOWN.contains(type)) {
            throw unknown(type);
        }
    }

    private static EngineException unknown(String type) {
        return new EngineException(
                EngineException.Reason.ARCHITECTURE_UNKNOWN,
                "The model is of the type \"" + type + "\", which Atelier can't run yet; it runs "
                        + String.join(", ", KNOWN) + ".");
    }
}
