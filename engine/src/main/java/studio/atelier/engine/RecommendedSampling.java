package studio.atelier.engine;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import studio.atelier.engine.weights.GenerationConfig;

/** What a model's publisher recommends, as far as it can be used: a number out of bounds is no reason to refuse a model. */
final class RecommendedSampling {
    private RecommendedSampling() {}

    static Sampling of(GenerationConfig config) {
        if (!config.samples()) {
            return Sampling.greedy().withRepetitionPenalty(repetition(config));
        }
        Sampling usual = Sampling.chat();
        return new Sampling(
                within(config.temperature(), 0, 100, usual.temperature()),
                config.topK().orElse(usual.topK()),
                within(config.topP(), Double.MIN_VALUE, 1, usual.topP()),
                within(config.minP(), 0, Math.nextDown(1.0), usual.minP()),
                repetition(config),
                usual.presencePenalty(),
                OptionalLong.empty());
    }

    private static double repetition(GenerationConfig config) {
        return within(config.repetitionPenalty(), Double.MIN_VALUE, 100, 1);
    }

    private static double within(OptionalDouble value, double least, double most, double fallback) {
        double number = value.orElse(fallback);
        return number >= least && number <= most ? number : fallback;
    }
}
