package studio.atelier.engine.generate;

/**
 * How a token is chosen; the meaning and the limits of each number are those of the public {@code Sampling}.
 *
 * @param temperature 0 is greedy
 * @param topK 0 keeps all
 * @param topP 1 keeps all
 * @param minP 0 keeps all
 * @param repetitionPenalty 1 is none
 * @param presencePenalty 0 is none
 */
public record TokenChoice(
        double temperature, int topK, double topP, double minP, double repetitionPenalty, double presencePenalty) {}
