package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.golden.DraftGolden;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.Drafter;
import studio.atelier.engine.models.LogitRows;

/** Guessing ahead with the multi-token prediction layer: its numbers, and that no answer changes. */
final class SpeculationTest {
    private static final int MOST = 60;

    /** Too few for guessing to be judged and stopped. */
    private static final int FEW = 24;

    /** The layer's logits beside those of the golden data, row by row. */
    @Test
    void guessesWhatTheReferenceGuesses() throws Exception {
        try (CpuBackend backend = CpuBackend.vectorized(1);
                DraftGolden golden = new DraftGolden(backend)) {
            assertTrue(golden.rowsLeft() > 4, "rows " + golden.rowsLeft());
            while (golden.rowsLeft() > 0) {
                golden.guess(1);
            }
        }
    }

    /** What it remembers of rows whose guess nobody asks for is what it would have from guessing at each. */
    @Test
    void guessesTheSameBehindRowsThatItOnlyRemembers() throws Exception {
        try (CpuBackend backend = CpuBackend.vectorized(1);
                DraftGolden golden = new DraftGolden(backend)) {
            golden.remember(3);
            assertTrue(golden.rowsLeft() > 4, "rows " + golden.rowsLeft());
            while (golden.rowsLeft() > 1) {
                golden.guess(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.8, 1.5})
    void answersAreTheSameAsWithoutGuessing(double temperature) throws Exception {
        Path path = GoldenFile.path("deepseek_v3/hf");
        try (ModelFolder folder = ModelFolder.open(path);
                CpuBackend backend = CpuBackend.vectorized(2)) {
            CausalModel model = folder.load(backend);
            CausalModel plain = withoutDrafter(model);
            int[] first = {5, 9, 200, 31, 77, 12, 8};
            int[] second = {5, 9, 200, 31, 4, 90, 91, 92};
            Timeline guessing = new Timeline(model, 200);
            Timeline direct = new Timeline(plain, 200);
            for (int[] prompt : new int[][] {first, second, first, {3}}) {
                Generator some = generator(guessing, prompt, temperature, model.vocabularySize(), FEW);
                Generator others = generator(direct, prompt, temperature, model.vocabularySize(), FEW);
                List<Integer> got = answer(some);
                assertEquals(answer(others), got);
                assertEquals(0, others.draftedTokens());
                assertTrue(some.draftedTokens() > 0, "nothing was guessed");
                assertEquals(direct.length(), guessing.length());
            }
        }
    }

    @Test
    void stopsWhenTooFewGuessesAreRight() throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("deepseek_v3/hf"));
                CpuBackend backend = CpuBackend.vectorized(1)) {
            CausalModel model = folder.load(backend);
            Generator generator =
                    generator(new Timeline(model, 200), new int[] {5, 9, 200}, 1.5, model.vocabularySize(), MOST);
            assertEquals(MOST, answer(generator).size());
            assertTrue(generator.draftedTokens() < MOST * 3 / 4, "guessed " + generator.draftedTokens());
        }
    }

    /** A model that knows the future: all guesses are right, and half the passes are saved. */
    @Test
    void rightGuessesSaveHalfThePasses() throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("deepseek_v3/hf"));
                CpuBackend backend = CpuBackend.vectorized(1)) {
            CausalModel model = folder.load(backend);
            int[] prompt = {5, 9, 200, 31, 77};
            List<Integer> future = answer(generator(new Timeline(withoutDrafter(model), 200), prompt, 0, 320, MOST));
            Knowing knowing = new Knowing(model, prompt, future);
            Generator generator = generator(new Timeline(knowing, 200), prompt, 0, model.vocabularySize(), MOST);
            assertEquals(future, answer(generator));
            assertEquals(generator.draftedTokens(), generator.acceptedTokens());
            assertTrue(generator.acceptedTokens() >= MOST / 2 - 2, "accepted " + generator.acceptedTokens());
            assertTrue(knowing.passes <= MOST / 2 + 3, "passes " + knowing.passes);
        }
    }

    private static Generator generator(
            Timeline timeline, int[] prompt, double temperature, int vocabularySize, int most) {
        TokenChoice choice = new TokenChoice(temperature, 0, 1, 0, 1, 0);
        return new Generator(timeline, prompt, new Sampler(choice, vocabularySize, 7), Set.of(), most);
    }

    private static List<Integer> answer(Generator generator) {
        List<Integer> tokens = new ArrayList<>();
        while (true) {
            switch (generator.step()) {
                case Generator.Step.Reading _ -> {}
                case Generator.Step.Token _ -> tokens.add(generator.written());
                case Generator.Step.End _ -> {
                    return tokens;
                }
            }
        }
    }

    private static CausalModel withoutDrafter(CausalModel model) {
        return new CausalModel() {
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
        };
    }

    /** Guesses from a list. */
    private static final class Knowing implements CausalModel, Drafter {
        private final CausalModel model;
        private final Drafter inner;
        private final List<Integer> text = new ArrayList<>();
        private int passes;

        private Knowing(CausalModel model, int[] prompt, List<Integer> future) {
            this.model = model;
            this.inner = model.drafter().orElseThrow();
            for (int token : prompt) {
                text.add(token);
            }
            text.addAll(future);
        }

        @Override
        public Optional<Drafter> drafter() {
            return Optional.of(this);
        }

        @Override
        public int vocabularySize() {
            return model.vocabularySize();
        }

        @Override
        public int maxPositions() {
            return model.maxPositions();
        }

        @Override
        public int hiddenSize() {
            return inner.hiddenSize();
        }

        @Override
        public KvCache newCache() {
            return model.newCache();
        }

        @Override
        public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits) {
            throw new AssertionError("the drafter's way was expected");
        }

        @Override
        public void forward(int[] tokens, KvCache cache, LogitRows rows, float[] logits, float[] hidden, int at) {
            passes++;
            inner.forward(tokens, cache, rows, logits, hidden, at);
        }

        @Override
        public void draft(float[] hidden, int at, int[] next, KvCache cache, float[] logits) {
            int from = cache.length();
            for (int i = 0; i < next.length; i++) {
                assertEquals(text.get(from + i + 1), next[i], "row " + (from + i));
            }
            cache.advance(next.length);
            if (logits.length > 0) {
                logits[text.get(Math.min(text.size() - 1, from + next.length + 1))] = 1e9f;
                for (int v = 0; v < logits.length; v++) {
                    if (v != text.get(Math.min(text.size() - 1, from + next.length + 1))) {
                        logits[v] = 0;
                    }
                }
            }
        }
    }
}
