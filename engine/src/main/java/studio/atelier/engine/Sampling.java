package studio.atelier.engine;

import java.util.OptionalLong;

/**
 * How the next token is chosen from the model's scores.
 *
 * @param temperature 0 is greedy: always the likeliest token
 * @param topK only the k likeliest; 0 keeps all
 * @param topP only the likeliest whose probabilities add up to p; 1 keeps all
 * @param minP only those at least this fraction as likely as the likeliest; 0 keeps all
 * @param repetitionPenalty divides the positive scores of tokens already written, multiplies negative ones; 1 is none
 *     (Keskar et al., CTRL, 2019, section 4.1)
 * @param presencePenalty taken off the scores of tokens already in the answer; 0 is none
 * @param seed the same seed and prompt give the same answer; empty draws a new one
 */
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        double presencePenalty,
        OptionalLong seed) {
    public Sampling {
        require(temperature >= 0 && temperature <= 100, "temperature: expected 0 to 100", temperature);
        require(topK >= 0, "top-k: expected 0 or more", topK);
        require(topP > 0 && topP <= 1, "top-p: expected more than 0, at most 1", topP);
        require(minP >= 0 && minP < 1, "min-p: expected 0 or more, less than 1", minP);
        require(
                repetitionPenalty > 0 && repetitionPenalty <= 100,
                "repetition penalty: expected more than 0, at most 100",
                repetitionPenalty);
        require(Math.abs(presencePenalty) <= 100, "presence penalty: expected -100 to 100", presencePenalty);
    }

    private static void require(boolean holds, String expectation, double got) {
        if (!holds) {
            throw new IllegalArgumentException(expectation + ", got " + got);
        }
    }

    /** Always the likeliest token. */
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 1, 0, OptionalLong.empty());
    }

    /** What most chat models are published with. */
    public static Sampling chat() {
        return new Sampling(0.7, 0, 0.95, 0, 1, 0, OptionalLong.empty());
    }

    public Sampling withTemperature(double value) {
        return new Sampling(value, topK, topP, minP, repetitionPenalty, presencePenalty, seed);
    }

    public Sampling withTopK(int value) {
        return new Sampling(temperature, value, topP, minP, repetitionPenalty, presencePenalty, seed);
    }

    public Sampling withTopP(double value) {
        return new Sampling(temperature, topK, value, minP, repetitionPenalty, presencePenalty, seed);
    }

    public Sampling withMinP(double value) {
        return new Sampling(temperature, topK, topP, value, repetitionPenalty, presencePenalty, seed);
    }

    public Sampling withRepetitionPenalty(double value) {
        return new Sampling(temperature, topK, topP, minP, value, presencePenalty, seed);
    }

    public Sampling withPresencePenalty(double value) {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, value, seed);
    }

    public Sampling withSeed(long value) {
        return new Sampling(temperature, topK, topP, minP, repetitionPenalty, presencePenalty, OptionalLong.of(value));
    }
}
