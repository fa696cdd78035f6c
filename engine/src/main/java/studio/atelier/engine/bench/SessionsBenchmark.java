package studio.atelier.engine.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.generate.Timeline;
import studio.atelier.engine.generate.Together;
import studio.atelier.engine.models.CausalModel;

/** How much several sessions write at once, beside one alone: greedy, a text of its own for each. */
public final class SessionsBenchmark {
    private static final int CHUNK_TOKENS = 256;
    private static final int WARM_TOKENS = 24;
    private static final int ROUNDS = 3;

    private final CausalModel model;
    private final Together together;

    public SessionsBenchmark(CausalModel model) {
        this.model = model;
        this.together = new Together(model);
    }

    /** Total tokens per second of so many sessions. */
    public record Line(int sessions, double tokensPerSecond) {}

    /**
     * Measures each of these numbers of sessions in turn, three times, and takes each one's best: what other programs do in
     * between then counts least.
     *
     * @param contextTokens tokens that each session has read before
     * @param decodeTokens tokens that each writes
     */
    public List<Line> run(int[] sessions, int contextTokens, int decodeTokens, Consumer<String> said) {
        if (!together.isPossible()) {
            throw new IllegalArgumentException("sessions: this processor takes them in turns; choose the cpu backend");
        }
        write(texts(1, contextTokens), WARM_TOKENS);
        double[] best = new double[sessions.length];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < sessions.length; i++) {
                List<Timeline> texts = texts(sessions[i], contextTokens);
                write(texts, 2);
                long start = System.nanoTime();
                write(texts, decodeTokens);
                double rate = (double) sessions[i] * decodeTokens / ((System.nanoTime() - start) / 1e9);
                best[i] = Math.max(best[i], rate);
                said.accept(String.format(Locale.ROOT, "%d sessions: %.1f tokens/s in all", sessions[i], rate));
            }
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < sessions.length; i++) {
            lines.add(new Line(sessions[i], best[i]));
        }
        return lines;
    }

    private List<Timeline> texts(int count, int contextTokens) {
        List<Timeline> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Timeline text = new Timeline(model, model.maxPositions());
            int[] prompt = new int[contextTokens];
            int seed = i;
            Arrays.setAll(prompt, at -> (int) (((at + 7919L * seed) * 2_654_435_761L >>> 8) % model.vocabularySize()));
            for (int from = 0; from < contextTokens; from += CHUNK_TOKENS) {
                text.extend(prompt, from, Math.min(contextTokens, from + CHUNK_TOKENS));
            }
            texts.add(text);
        }
        return texts;
    }

    private void write(List<Timeline> texts, int count) {
        int[] tokens = new int[texts.size()];
        for (int step = 0; step < count; step++) {
            Arrays.setAll(tokens, i -> Sampler.likeliest(texts.get(i).logits()));
            together.read(texts, tokens);
        }
    }
}
