package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.Logits;

/** A model's raw numbers for given tokens. */
final class LogitsCommand implements Command {
    private static final int MOST_GREEDY = 1 << 20;

    @Override
    public String name() {
        return "logits";
    }

    @Override
    public String usage() {
        return "FOLDER --tokens 1,2,3 --out FILE [--greedy 16] [--backend cpu]";
    }

    @Override
    public String summary() {
        return "writes a model's logits for given tokens, for comparing engines";
    }

    @Override
    public String details() {
        return """
                The file is safetensors, with "logits" F32 [L, V], one row for each token, from one pass over all of them,
                and "greedy_tokens" I32 [N], the likeliest tokens that follow, one after the other with the KV cache.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("tokens", "IDS", "what the model reads, such as 1,2,3"),
                Option.of("greedy", "N", "how many tokens to continue with (0)"),
                Option.of("out", "FILE", "where to write; replaced if it is there"),
                Option.of("backend", "NAME", "cpu (the default), scalar or metal"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        Path folder = Studio.path(arguments.required(0, "a model's folder"));
        int[] tokens = tokens(arguments.requiredText("tokens"));
        Path out = Studio.path(arguments.requiredText("out"));
        int greedy = arguments.integer("greedy", 0, MOST_GREEDY).orElse(0);
        BackendChoice backend = BackendChoice.parse(arguments.text("backend").orElse("cpu"));
        Logits.compute(folder, backend, tokens, greedy).write(out);
        return 0;
    }

    static int[] tokens(String text) throws UsageException {
        return numbers("tokens", text);
    }

    /** A list of whole numbers that a person typed behind an option. */
    static int[] numbers(String option, String text) throws UsageException {
        try {
            return Arrays.stream(text.split(","))
                    .map(String::strip)
                    .mapToInt(Integer::parseInt)
                    .toArray();
        } catch (NumberFormatException e) {
            throw new UsageException("--" + option
                    + ": expected whole numbers with commas between, such as 1,2,3, got \"" + text + "\".");
        }
    }
}
