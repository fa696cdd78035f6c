package studio.atelier.engine.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.Generator;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.generate.Timeline;
import studio.atelier.engine.generate.TokenChoice;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.Drafter;
import studio.atelier.engine.models.LogitRows;

/** What guessing ahead saves: the same greedy answers with and without, counted in passes and in time. */
public final class SpeculationBenchmark {
    private static final TokenChoice GREEDY = new TokenChoice(0, 0, 1, 0, 1, 0);
    private static final int LEAST_ROUNDS = 3;
    /** A small model answers everything in a moment, long before Java has compiled what answers. */
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final CausalModel model;
    private final Set<Integer> endTokens;
    private final int maxTokens;

    /** Answers end at one of these tokens, or after so many. */
    public SpeculationBenchmark(CausalModel model, Set<Integer> endTokens, int maxTokens) {
        this.model = model;
        this.endTokens = endTokens;
        this.maxTokens = maxTokens;
    }

    /**
     * All answers with one way of guessing.
     *
     * @param tokens tokens written
     * @param passes passes of the model for them
     * @param drafted guesses
     * @param accepted those that were right
     * @param seconds writing alone, in the best of several rounds
     * @param identical whether every answer is the one without guesses
     */
    public record Line(
            String name, int tokens, int passes, int drafted, int accepted, double seconds, boolean identical) {
        public double tokensPerPass() {
            return (double) tokens / passes;
        }
    }

    /** Answers all prompts in each way, round by round, so that what else the machine does meets all ways alike. */
    public List<Line> run(List<int[]> prompts) {
        Map<String, CausalModel> ways = ways();
        Map<String, Double> best = new LinkedHashMap<>();
        Map<String, Answers> answers = new LinkedHashMap<>();
        long start = System.nanoTime();
        for (int round = 0; round <= LEAST_ROUNDS || System.nanoTime() - start < LEAST_NANOS; round++) {
            for (Map.Entry<String, CausalModel> way : ways.entrySet()) {
                Answers each = answer(way.getValue(), prompts);
                answers.put(way.getKey(), each);
                if (round > 0) {
                    best.merge(way.getKey(), each.nanos / 1e9, Math::min);
                }
            }
        }
        List<List<Integer>> plain = answers.values().iterator().next().texts;
        List<Line> lines = new ArrayList<>();
        answers.forEach((name, each) -> lines.add(new Line(
                name,
                each.tokens,
                each.passes,
                each.drafted,
                each.accepted,
                best.getOrDefault(name, 0.0),
                each.texts.equals(plain))));
        return lines;
    }

    private Map<String, CausalModel> ways() {
        Map<String, CausalModel> ways = new LinkedHashMap<>();
        ways.put("no guesses", new Way(model, Optional.empty(), false));
        if (model.readsTogether()) {
            ways.put("from the text", new Way(model, Optional.empty(), true));
        }
        model.drafter().ifPresent(drafter -> {
            ways.put("MTP layer, state after the final norm", new Way(model, Optional.of(drafter), false));
            ways.put("MTP layer, state before it", new Way(model, Optional.of(drafter.readingBeforeNorm()), false));
            ways.put("text, then MTP layer", model);
        });
        return ways;
    }

    private static final class Answers {
        private final List<List<Integer>> texts = new ArrayList<>();
        private int tokens;
        private int passes;
        private int drafted;
        private int accepted;
        private long nanos;
    }

    private Answers answer(CausalModel way, List<int[]> prompts) {
        Answers answers = new Answers();
        for (int[] prompt : prompts) {
            Timeline timeline = new Timeline(way, way.maxPositions());
            Sampler sampler = new Sampler(GREEDY, way.vocabularySize(), 1);
            Generator generator = new Generator(timeline, prompt, sampler, endTokens, maxTokens);
            List<Integer> text = new ArrayList<>();
            while (generator.reads()) {
                generator.step();
            }
            long start = System.nanoTime();
            while (generator.step() instanceof Generator.Step.Token) {
                text.add(generator.written());
            }
            answers.nanos += System.nanoTime() - start;
            answers.texts.add(text);
            answers.tokens += text.size();
            answers.passes += generator.passes();
            answers.drafted += generator.draftedTokens();
            answers.accepted += generator.acceptedTokens();
        }
        return answers;
    }

    /** The model with one way of guessing. */
    private record Way(CausalModel model, Optional<Drafter> drafter, boolean readsTogether) implements CausalModel {
        @Override
        public int vocabularySize() {
            return model.vocabularySize();
        }

        @Override
        public int maxPositions() {
            return model.maxPositions();
        }

        @Override
        public KvCache newCache() {
            return model.newCache();
        }

        @Override
        public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits) {
            model.forward(tokens, cache, rows, logits);
        }

        @Override
        public void forwardTogether(int[] tokens, Batch batch, float[] logits, float[] hidden) {
            model.forwardTogether(tokens, batch, logits, hidden);
        }
    }
}
