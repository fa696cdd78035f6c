package studio.atelier.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import studio.atelier.engine.Sampling;

/** How tokens are chosen, as options. */
final class SamplingOptions {
    static final List<Option> ALL = List.of(
            Option.of("temperature", "T", "0 takes the likeliest token always; higher is livelier"),
            Option.of("top-k", "K", "only the K likeliest tokens; 0 for all"),
            Option.of("top-p", "P", "only the likeliest whose probabilities add up to P"),
            Option.of("min-p", "P", "only tokens at least P times as likely as the likeliest"),
            Option.of("repetition-penalty", "R", "above 1: less of what was already written"),
            Option.of("presence-penalty", "R", "taken off the score of what the answer already has"),
            Option.of("seed", "N", "the same seed gives the same answer"));

    private SamplingOptions() {}

    /** What the options say over what the model's publisher says. */
    static Sampling over(Sampling recommended, Arguments arguments) throws UsageException {
        Sampling sampling = recommended;
        Optional<Double> temperature = arguments.number("temperature");
        if (temperature.isPresent()) {
            sampling = sampling.withTemperature(temperature.get());
        }
        OptionalInt topK = arguments.integer("top-k", 0, 1 << 24);
        if (topK.isPresent()) {
            sampling = sampling.withTopK(topK.getAsInt());
        }
        Optional<Double> topP = arguments.number("top-p");
        if (topP.isPresent()) {
            sampling = sampling.withTopP(topP.get());
        }
        Optional<Double> minP = arguments.number("min-p");
        if (minP.isPresent()) {
            sampling = sampling.withMinP(minP.get());
        }
        Optional<Double> repetition = arguments.number("repetition-penalty");
        if (repetition.isPresent()) {
            sampling = sampling.withRepetitionPenalty(repetition.get());
        }
        Optional<Double> presence = arguments.number("presence-penalty");
        if (presence.isPresent()) {
            sampling = sampling.withPresencePenalty(presence.get());
        }
        OptionalLong seed = arguments.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        return seed.isPresent() ? sampling.withSeed(seed.getAsLong()) : sampling;
    }
}
