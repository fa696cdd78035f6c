package studio.atelier.server;

import java.util.Optional;
import studio.atelier.engine.Sampling;

/** How a request wants tokens chosen; what it leaves open is as the model's publisher recommends. */
record SamplingFields(
        Optional<Double> temperature,
        Optional<Long> topK,
        Optional<Double> topP,
        Optional<Double> minP,
        Optional<Double> repetitionPenalty,
        Optional<Double> presencePenalty,
        Optional<Long> seed) {
    static SamplingFields read(Fields fields) throws ApiException {
        return new SamplingFields(
                fields.number("temperature"),
                fields.whole("top_k", 0, 1 << 24),
                fields.number("top_p"),
                fields.number("min_p"),
                fields.number("repetition_penalty"),
                fields.number("presence_penalty"),
                fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE));
    }

    Sampling over(Sampling recommended) throws ApiException {
        try {
            Sampling sampling = new Sampling(
                    temperature.orElse(recommended.temperature()),
                    topK.map(Math::toIntExact).orElse(recommended.topK()),
                    topP.orElse(recommended.topP()),
                    minP.orElse(recommended.minP()),
                    repetitionPenalty.orElse(recommended.repetitionPenalty()),
                    presencePenalty.orElse(recommended.presencePenalty()),
                    recommended.seed());
            return seed.isPresent() ? sampling.withSeed(seed.get()) : sampling;
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw ApiException.invalid(message.substring(0, Math.max(0, message.indexOf(':'))), message + ".");
        }
    }
}
