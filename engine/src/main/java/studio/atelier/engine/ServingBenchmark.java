package studio.atelier.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.cpu.Cores;
import studio.atelier.engine.bench.GuessCosts;
import studio.atelier.engine.bench.ModelBenchmark;
import studio.atelier.engine.bench.SessionsBenchmark;
import studio.atelier.engine.bench.SpeculationBenchmark;
import studio.atelier.engine.bench.SyntheticShape;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tokenizer.Tokenizer;

/**
 * Measures what sessions save together and what guessing ahead saves.
 *
 * @param backend which processor, with all its cores
 * @param cache how what was read is kept
 */
public record ServingBenchmark(BackendChoice backend, CacheChoice cache) {
    /** Total tokens per second of 1, 2, 4 .. {@code most} sessions of a model in a folder. */
    public Benchmark.Report sessions(
            Path folder, int most, int contextTokens, int decodeTokens, Consumer<String> progress)
            throws EngineException {
        try (Backend computing = newBackend();
                ModelFolder open = ModelFolder.open(folder)) {
            return sessions(open.load(computing), open.name(), computing, most, contextTokens, decodeTokens, progress);
        }
    }

    /** As {@link #sessions} for a shape of {@link Benchmark#syntheticShapes()} with random weights. */
    public Benchmark.Report syntheticSessions(
            String name, int most, int contextTokens, int decodeTokens, Consumer<String> progress)
            throws EngineException {
        SyntheticShape shape = shape(name);
        try (Backend computing = newBackend();
                Arena arena = Arena.ofShared()) {
            CausalModel model = ModelBenchmark.syntheticModel(shape, arena, computing);
            return sessions(
                    model, shape.label() + ", random weights", computing, most, contextTokens, decodeTokens, progress);
        }
    }

    private static SyntheticShape shape(String name) throws EngineException {
        return SyntheticShape.named(name)
                .orElseThrow(() -> new EngineException(
                        Reason.CONFIG_INVALID,
                        "There is no synthetic model \"" + name + "\": choose "
                                + String.join(", ", Benchmark.syntheticShapes()) + "."));
    }

    private static Benchmark.Report sessions(
            CausalModel model,
            String name,
            Backend computing,
            int most,
            int contextTokens,
            int decodeTokens,
            Consumer<String> progress) {
        Set<Integer> counts = new TreeSet<>(Set.of(most));
        for (int count = 1; count < most; count *= 2) {
            counts.add(count);
        }
        List<SessionsBenchmark.Line> lines = new SessionsBenchmark(model)
                .run(counts.stream().mapToInt(Integer::intValue).toArray(), contextTokens, decodeTokens, progress);
        double one = lines.getFirst().tokensPerSecond();
        ObjectNode root = root(name, computing);
        ArrayNode list = root.put("context_tokens", contextTokens).putArray("sessions");
        StringBuilder text = new StringBuilder(
                format("%s, %d tokens read by each; %s%n", name, contextTokens, computing.description()));
        text.append(format("%8s %18s %14s %8s%n", "sessions", "tokens/s in all", "each", "of one"));
        for (SessionsBenchmark.Line line : lines) {
            double rate = line.tokensPerSecond();
            text.append(
                    format("%8d %18.1f %14.1f %7.2f×%n", line.sessions(), rate, rate / line.sessions(), rate / one));
            list.addObject().put("sessions", line.sessions()).put("tokens_per_second", rate);
        }
        return new Benchmark.Report(text.toString(), root.toPrettyString());
    }

    /** What guessing saves in greedy answers to these prompts; each answer has at most so many tokens. */
    public Benchmark.Report speculation(Path folder, List<GenerationRequest.Prompt> prompts, int maxTokens)
            throws EngineException {
        try (Backend computing = newBackend();
                ModelFolder open = ModelFolder.open(folder)) {
            CausalModel model = open.load(computing);
            Tokenizer tokenizer = Tokenizer.open(folder);
            Prompting prompting = new Prompting(tokenizer, LoadedModel.template(folder), model.vocabularySize());
            List<int[]> ids = new ArrayList<>();
            for (GenerationRequest.Prompt prompt : prompts) {
                ids.add(prompting.ready(prompt).ids());
            }
            Set<Integer> ends = EndTokens.of(open.generationConfig(), tokenizer, prompting.template());
            List<SpeculationBenchmark.Line> lines = new SpeculationBenchmark(model, ends, maxTokens).run(ids);
            Optional<GuessCosts> costs = model.drafter().map(drafter -> GuessCosts.of(model, drafter));
            return speculation(open.name(), computing, prompts.size(), lines, costs);
        }
    }

    /**
     * What guessing would save with a shape of {@link Benchmark#syntheticShapes()}: random weights guess nothing right, but
     * they take the time.
     */
    public Benchmark.Report syntheticSpeculation(String name) throws EngineException {
        SyntheticShape shape = shape(name);
        if (!shape.canDraft()) {
            throw new EngineException(
                    Reason.REQUEST_UNSUPPORTED,
                    "Models like " + name + " carry no layer that guesses; choose "
                            + SyntheticShape.DEEPSEEK_V3_2B.label() + ".");
        }
        try (Backend computing = newBackend();
                Arena arena = Arena.ofShared()) {
            CausalModel model = ModelBenchmark.syntheticDraftingModel(shape, arena, computing);
            GuessCosts costs = GuessCosts.of(model, model.drafter().orElseThrow());
            ObjectNode root = root(shape.label() + ", random weights", computing);
            StringBuilder text = new StringBuilder(
                    format("%s, random weights; %s%n%s", shape.label(), computing.description(), told(costs)));
            text.append(format("%14s %8s%n", "guesses right", "speed"));
            ArrayNode list = put(root, costs).putArray("speeds");
            for (int percent = 100; percent >= 50; percent -= 10) {
                text.append(format("%12d %% %7.2f×%n", percent, costs.speed(percent / 100.0)));
                list.addObject().put("percent_right", percent).put("speed", costs.speed(percent / 100.0));
            }
            return new Benchmark.Report(text.toString(), root.toPrettyString());
        }
    }

    private static String told(GuessCosts costs) {
        return format(
                "a pass of one token takes %.3f ms, of two %.2f times as long, a guess of the MTP layer %.2f times%n",
                costs.oneSeconds() * 1e3,
                costs.twoSeconds() / costs.oneSeconds(),
                costs.guessSeconds() / costs.oneSeconds());
    }

    private static ObjectNode put(ObjectNode root, GuessCosts costs) {
        return root.put("one_token_seconds", costs.oneSeconds())
                .put("two_tokens_seconds", costs.twoSeconds())
                .put("guess_seconds", costs.guessSeconds());
    }

    private static Benchmark.Report speculation(
            String name,
            Backend computing,
            int prompts,
            List<SpeculationBenchmark.Line> lines,
            Optional<GuessCosts> costs) {
        double plain = lines.getFirst().seconds();
        ObjectNode root = root(name, computing);
        ArrayNode list = root.put("answers", prompts).putArray("ways");
        StringBuilder text =
                new StringBuilder(format("%s, %d greedy answers; %s%n", name, prompts, computing.description()));
        text.append(format(
                "%-37s %7s %12s %14s %9s %8s  %s%n",
                "guesses", "tokens", "tokens/pass", "right", "tokens/s", "speed", "same answers"));
        for (SpeculationBenchmark.Line line : lines) {
            text.append(format(
                    "%-37s %7d %12.2f %8d/%5d %9.1f %7.2f×  %s%n",
                    line.name(),
                    line.tokens(),
                    line.tokensPerPass(),
                    line.accepted(),
                    line.drafted(),
                    line.tokens() / line.seconds(),
                    plain / line.seconds(),
                    line.identical() ? "yes" : "NO"));
            list.addObject()
                    .put("guesses", line.name())
                    .put("tokens", line.tokens())
                    .put("passes", line.passes())
                    .put("drafted", line.drafted())
                    .put("accepted", line.accepted())
                    .put("seconds", line.seconds())
                    .put("identical", line.identical());
        }
        costs.ifPresent(each -> {
            put(root, each);
            text.append(told(each));
        });
        return new Benchmark.Report(text.toString(), root.toPrettyString());
    }

    private Backend newBackend() throws EngineException {
        return Backends.of(backend, Cores.physical(), cache);
    }

    private static ObjectNode root(String name, Backend computing) {
        return JsonNodeFactory.instance.objectNode().put("model", name).put("backend", computing.description());
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
