package studio.atelier.engine.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import studio.atelier.engine.EngineException;

/**
 * What a model's publisher says about generating with it: {@code generation_config.json}, and the end tokens of
 * {@code config.json} where the former has none.
 *
 * @param endTokens ids after which the answer is over; may be empty
 * @param samples false when the publisher recommends the likeliest token always
 * @param temperature empty, like the others, where the publisher says nothing
 */
public record GenerationConfig(
        List<Integer> endTokens,
        boolean samples,
        OptionalDouble temperature,
        OptionalInt topK,
        OptionalDouble topP,
        OptionalDouble minP,
        OptionalDouble repetitionPenalty) {
    private static final int MOST_TOKENS = 1 << 24;

    public GenerationConfig {
        endTokens = List.copyOf(endTokens);
    }

    /** Reads both files; only {@code config.json}, already read, must exist. */
    public static GenerationConfig inFolder(Path folder, ModelConfig config) throws EngineException {
        Set<Integer> ends = new LinkedHashSet<>();
        Path file = folder.resolve("generation_config.json");
        if (!Files.exists(file)) {
            ends.addAll(endTokens(config));
            return new GenerationConfig(
                    List.copyOf(ends),
                    true,
                    OptionalDouble.empty(),
                    OptionalInt.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty());
        }
        ModelConfig generation = ModelConfig.read(file);
        ends.addAll(generation.integersOrOne("eos_token_id", 0, MOST_TOKENS));
        if (ends.isEmpty()) {
            ends.addAll(endTokens(config));
        }
        return new GenerationConfig(
                List.copyOf(ends),
                generation.flag("do_sample", true),
                optional(generation, "temperature"),
                topK(generation),
                optional(generation, "top_p"),
                optional(generation, "min_p"),
                optional(generation, "repetition_penalty"));
    }

    private static List<Integer> endTokens(ModelConfig config) throws EngineException {
        List<Integer> own = config.integersOrOne("eos_token_id", 0, MOST_TOKENS);
        return own.isEmpty() ? config.textModel().integersOrOne("eos_token_id", 0, MOST_TOKENS) : own;
    }

    /** Some publishers write -1 for "all". */
    private static OptionalInt topK(ModelConfig generation) throws EngineException {
        int value = generation.integerOr(-1, "top_k", -MOST_TOKENS, MOST_TOKENS);
        return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
    }

    private static OptionalDouble optional(ModelConfig config, String key) throws EngineException {
        return config.has(key) ? OptionalDouble.of(config.number(key)) : OptionalDouble.empty();
    }
}
