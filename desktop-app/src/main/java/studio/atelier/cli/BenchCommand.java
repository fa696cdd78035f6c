package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import studio.atelier.app.store.DataFolder;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Benchmark;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.GpuBenchmark;
import studio.atelier.engine.GpuPlan;

/** How fast a model is on this machine. */
final class BenchCommand implements Command {
    private static final int MOST_TOKENS = 1 << 20;
    private static final int MOST_SESSIONS = 64;

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String usage() {
        return "[FOLDER | starter | --synthetic SHAPE | --plan MODEL] [--sessions 8 | --speculation]";
    }

    @Override
    public String summary() {
        return "measures how fast a model reads and writes, and where the time goes";
    }

    @Override
    public String details() {
        return """
                For each number of threads a prompt of each length is read and some tokens are written behind it. "CPU s"
                counts only the time that the calling thread had a core: on a busy machine, compare these. Weights per
                second stand beside what the machine reads from its memory at most. On a GPU each kernel's time and traffic
                are listed instead: send that.

                """ + "Shapes with random weights: " + String.join(", ", Benchmark.syntheticShapes()) + ".\n"
                + "Models that can be planned without a folder: " + String.join(", ", GpuPlan.BUILT_IN) + ".\n";
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.of("synthetic", "SHAPE", "a model with random weights instead of a folder"),
                Option.of("weights", "FORMAT", "of random weights: 4bit (the default), 8bit or mxfp4"),
                Option.of("plan", "MODEL", "counts what a token costs on an Apple GPU; nothing is run"),
                Option.of("threads", "LIST", "numbers of threads (1 and all cores)"),
                Option.of("contexts", "LIST", "prompt lengths in tokens (128,512,2048)"),
                Option.of("tokens", "N", "tokens to write behind each prompt (48)"),
                Option.of("sessions", "N", "what 1, 2, 4 .. N sessions write at once"),
                Option.flag("speculation", "what guessing ahead saves; \"starter\" names the model inside the program"),
                Option.of("backend", "NAME", "automatic (the default), cpu, cpu-vector, cpu-float, scalar or metal"),
                Option.of("cache", "KIND", "how what was read is kept: automatic (the default) or 8bit"),
                Option.of("json", "FILE", "writes all figures there too"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        if (arguments.has("speculation")) {
            return ServingBench.speculation(arguments, terminal);
        }
        OptionalInt sessions = arguments.integer("sessions", 2, MOST_SESSIONS);
        if (sessions.isPresent()) {
            return ServingBench.sessions(arguments, sessions.getAsInt(), terminal);
        }
        Optional<String> plan = arguments.text("plan");
        if (plan.isPresent()) {
            terminal.out().print(GpuPlan.report(plan.get()));
            return 0;
        }
        Benchmark defaults = Benchmark.defaults();
        BackendChoice backend = GpuGate.trial(DataFolder.find())
                .choose(BackendChoice.parse(arguments.text("backend").orElse("automatic")), terminal::tell);
        Benchmark benchmark = new Benchmark(
                backend,
                numbers(arguments, "threads", defaults.threads()),
                numbers(arguments, "contexts", defaults.contexts()),
                arguments.integer("tokens", 1, MOST_TOKENS).orElse(defaults.decodeTokens()),
                CacheChoice.parse(arguments.text("cache").orElse("automatic")));
        Optional<String> shape = arguments.text("synthetic");
        Benchmark.Report report;
        if (shape.isPresent()) {
            String format = arguments
                    .text("weights")
                    .orElse(Benchmark.syntheticFormats().getFirst());
            report = benchmark.ofSynthetic(shape.get(), format, terminal::tell);
        } else {
            Path folder = ServingBench.folder(arguments);
            report = backend == BackendChoice.METAL
                    ? new GpuBenchmark(benchmark.contexts(), benchmark.decodeTokens()).ofModel(folder, terminal::tell)
                    : benchmark.ofModel(folder, terminal::tell);
        }
        terminal.out().print(report.table());
        Optional<String> json = arguments.text("json");
        if (json.isPresent()) {
            Files.writeString(Studio.path(json.get()), report.json() + "\n");
        }
        return 0;
    }

    private static List<Integer> numbers(Arguments arguments, String option, List<Integer> fallback)
            throws UsageException {
        Optional<String> text = arguments.text(option);
        return text.isPresent()
                ? Arrays.stream(LogitsCommand.numbers(option, text.get()))
                        .boxed()
                        .toList()
                : fallback;
    }
}
