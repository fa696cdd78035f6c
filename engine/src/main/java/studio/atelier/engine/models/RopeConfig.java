package studio.atelier.engine.models;

import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.nn.RopeScaling;

/**
 * Rotary base and scaling as configurations spell them: {@code rope_theta} and {@code rope_scaling}, or both in
 * {@code rope_parameters}.
 */
record RopeConfig(double theta, RopeScaling scaling) {
    static RopeConfig from(Configuration config, double usualTheta) throws EngineException {
        Optional<Configuration> parameters = config.section("rope_parameters");
        double theta = config.number("rope_theta", usualTheta);
        if (parameters.isPresent()) {
            theta = parameters.get().number("rope_theta", theta);
        }
        if (!(theta > 1)) {
            throw invalid("rope_theta: expected more than 1, got " + theta);
        }
        Optional<Configuration> scaling = config.section("rope_scaling");
        Configuration from = scaling.or(() -> parameters).orElse(null);
        return new RopeConfig(theta, from == null ? new RopeScaling.None() : scaling(from, config));
    }

    private static RopeScaling scaling(Configuration scaling, Configuration config) throws EngineException {
        String type = scaling.text("rope_type", scaling.text("type", "default"));
        return switch (type) {
            // Dynamic scaling begins behind max_position_embeddings, and no session goes there.
            case "default", "none", "dynamic", "" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.LinearInterpolation(positive(scaling, "factor", 1));
            case "llama3" ->
                new RopeScaling.Llama3(
                        positive(scaling, "factor", 8),
                        positive(scaling, "low_freq_factor", 1),
                        positive(scaling, "high_freq_factor", 4),
                        positive(scaling, "original_max_position_embeddings", 8192));
            case "yarn" ->
                new RopeScaling.Yarn(
                        positive(scaling, "factor", 1),
                        positive(scaling, "beta_fast", 32),
                        positive(scaling, "beta_slow", 1),
                        positive(
                                scaling,
                                "original_max_position_embeddings",
                                config.number("max_position_embeddings", 4096)),
                        scaling.number("mscale", 1),
                        scaling.number("mscale_all_dim", 0),
                        scaling.flag("truncate", true));
            default ->
                throw invalid("rope_scaling: the type \"" + type
                        + "\" is not known; default, linear, dynamic, llama3 and yarn are");
        };
    }

    private static double positive(Configuration scaling, String key, double fallback) throws EngineException {
        double value = scaling.number(key, fallback);
        if (!(value > 0)) {
            throw invalid("rope_scaling." + key + ": expected more than 0, got " + value);
        }
        return value;
    }

    private static EngineException invalid(String message) {
        return new EngineException(EngineException.Reason.CONFIG_INVALID, "config.json: " + message + ".");
    }
}
