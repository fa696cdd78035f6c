package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.tensor.Best;

/** Token after token: the commands of one serve the next, are written while it runs, and are those of a fresh pass. */
final class MetalStepsTest {
    /** A small model, the prompt and what follows it. */
    private record Text(String folder, int[] prompt, int[] greedy) {
        static Text of(String model) throws Exception {
            try (GoldenFile golden = GoldenFile.open(model + "/golden-q4.safetensors")) {
                return new Text(model + "/mlx-q4", golden.ints("tokens"), golden.ints("greedy_tokens"));
            }
        }
    }

    private static CausalModel load(ModelFolder folder, MetalBackend backend) throws Exception {
        return folder.load(backend);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3_moe", "deepseek_v3"})
    void writesTheNextTokensCommandsWhileOneRuns(String model) throws Exception {
        Text text = Text.of(model);
        Simulator simulator = Simulator.with("check,order=shuffled");
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(text.folder()));
                MetalBackend backend = MetalBackend.open()) {
            CausalModel loaded = load(folder, backend);
            KvCache cache = loaded.newCache();
            float[] best = new float[2];
            loaded.forwardBest(text.prompt(), cache, 1, best);
            int[] tokens = new int[text.greedy().length];
            long before = 0;
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = (int) best[1];
                if (i == 1) {
                    // The first token's pass was recorded; from here on it is kept.
                    before = simulator.encodedWhileBusy();
                }
                loaded.forwardBest(new int[] {tokens[i]}, cache, 1, best);
            }
            assertArrayEquals(text.greedy(), tokens);
            int dispatches = backend.dispatchesOfKeptPass(cache);
            assertTrue(dispatches > 10, "no pass was kept");
            long ahead = simulator.encodedWhileBusy() - before;
            // The first kept one is encoded twice: for itself, and ahead for the next.
            assertTrue(ahead >= (long) (tokens.length - 1) * dispatches, "only " + ahead + " dispatches ahead");
        }
        simulator.assertClean();
    }

    @Test
    void severalTextsTakeTurns() throws Exception {
        Text text = Text.of("qwen3_moe");
        Simulator simulator = Simulator.with("check,order=backward");
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(text.folder()));
                MetalBackend backend = MetalBackend.open()) {
            CausalModel model = load(folder, backend);
            int count = 6;
            KvCache[] caches = new KvCache[count];
            float[][] best = new float[count][2];
            for (int t = 0; t < count; t++) {
                caches[t] = model.newCache();
                model.forwardBest(Arrays.copyOf(text.prompt(), text.prompt().length - t), caches[t], 1, best[t]);
            }
            for (int i = 0; i < 4; i++) {
                for (int t = 0; t < count; t++) {
                    int token =
                            t == 0 ? text.greedy()[i] : text.prompt()[text.prompt().length - t + Math.min(i, t - 1)];
                    if (t == 0) {
                        assertEquals(token, (int) best[0][1], "token " + i);
                    }
                    model.forwardBest(new int[] {token}, caches[t], 1, best[t]);
                }
            }
            // Cut back and read again: the kept pass serves any position.
            caches[0].truncate(text.prompt().length);
            for (int i = 0; i < 4; i++) {
                model.forwardBest(new int[] {text.greedy()[i]}, caches[0], 1, best[0]);
                assertEquals(text.greedy()[i + 1], (int) best[0][1], "token " + i + " again");
            }
        }
        simulator.assertClean();
    }

    /** A cache that grows makes other commands. */
    @Test
    void growsItsCacheOnTheWay() throws Exception {
        Text text = Text.of("qwen3_moe");
        Simulator.with("");
        int[] prompt = new int[250];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = text.prompt()[i % text.prompt().length];
        }
        int[] kept = continued(text, prompt, 14, true);
        assertArrayEquals(continued(text, prompt, 14, false), kept);
    }

    private static int[] continued(Text text, int[] prompt, int count, boolean again) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(text.folder()));
                MetalBackend backend = MetalBackend.open()) {
            CausalModel model = load(folder, backend);
            KvCache cache = model.newCache();
            float[] logits = new float[model.vocabularySize()];
            float[] best = new float[2];
            int[] tokens = new int[count];
            model.forward(prompt, cache, LogitRows.LAST, logits);
            tokens[0] = Sampler.likeliest(logits);
            for (int i = 1; i < count; i++) {
                int[] next = {tokens[i - 1]};
                if (again) {
                    model.forwardBest(next, cache, 1, best);
                    tokens[i] = (int) best[1];
                } else {
                    // Every token's pass is recorded anew.
                    model.forward(next, cache, LogitRows.LAST, logits);
                    tokens[i] = Sampler.likeliest(logits);
                    backend.forget();
                }
            }
            return tokens;
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        // Of the tokens of a kept pass one fails, and the queue is made anew; or all do, and the processor goes on.
        "fault=error:14, false",
        "fault=errors:14, true",
        "fault=hang:14, false",
    })
    void goesOnWhenAKeptPassFails(String fault, boolean givesUp) throws Exception {
        Text text = Text.of("qwen3_moe");
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(text.folder()));
                MetalBackend backend = openedUnder(fault)) {
            CausalModel model = load(folder, backend);
            KvCache cache = model.newCache();
            float[] best = new float[2];
            int[] next = text.prompt();
            int[] tokens = new int[text.greedy().length];
            for (int i = 0; i < tokens.length; i++) {
                model.forwardBest(next, cache, 1, best);
                tokens[i] = (int) best[1];
                next = new int[] {tokens[i]};
            }
            assertArrayEquals(text.greedy(), tokens);
            assertEquals(givesUp, backend.gaveUp(), backend.description());
            assertTrue(givesUp || backend.failedBefore(), "nothing failed");
        }
    }

    private static MetalBackend openedUnder(String fault) throws Exception {
        Simulator.with(fault);
        return MetalBackend.open(MetalOptions.EXACT.withDeadline(Simulator.DEADLINE));
    }

    /** A command that did not end goes on much later. What it writes into was nobody else's in the meantime. */
    @Test
    void leavesAHungCommandItsMemory() throws Exception {
        Text text = Text.of("qwen3_moe");
        Simulator simulator = Simulator.with("check,order=shuffled");
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(text.folder()));
                MetalBackend backend = MetalBackend.open(MetalOptions.EXACT.withDeadline(Simulator.DEADLINE))) {
            CausalModel model = load(folder, backend);
            KvCache cache = model.newCache();
            float[] best = new float[2];
            model.forwardBest(text.prompt(), cache, 1, best);
            for (int i = 0; i < 6; i++) {
                assertEquals(text.greedy()[i], (int) best[1], "token " + i);
                if (i == 2) {
                    assertTrue(backend.dispatchesOfKeptPass(cache) > 0, "no pass is kept");
                    simulator.configure("fault=hang:0");
                }
                model.forwardBest(new int[] {text.greedy()[i]}, cache, 1, best);
                assertEquals(i >= 2, backend.failedBefore(), "token " + i);
            }
            assertTrue(backend.asideBytes() > 0, "nothing is set aside");
            simulator.assertClean();
            simulator.wake();
            // Keys and values of its position it writes once more, the same ones; anything else was somebody else's.
            for (int i = 6; i < text.greedy().length && (i < 8 || backend.asideBytes() > 0); i++) {
                assertEquals(text.greedy()[i], (int) best[1], "token " + i);
                // A pass is recorded, so that its end looks whether the command has ended.
                backend.forget();
                model.forwardBest(new int[] {text.greedy()[i]}, cache, 1, best);
            }
            assertEquals(
                    List.of(),
                    simulator.findings().stream()
                            .filter(each -> !each.contains("memory of lasting"))
                            .toList());
            assertEquals(0, backend.asideBytes(), "it has ended");
            assertFalse(backend.gaveUp(), backend.description());
        }
    }

    @Test
    void choosesAsTheProcessorDoes() throws Exception {
        Text text = Text.of("deepseek_v3");
        Simulator simulator = Simulator.with("check,order=shuffled");
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(text.folder()));
                MetalBackend backend = MetalBackend.open()) {
            CausalModel model = load(folder, backend);
            float[] logits = new float[model.vocabularySize()];
            model.forward(text.prompt(), model.newCache(), LogitRows.LAST, logits);
            float[] best = new float[2 * 20];
            model.forwardBest(text.prompt(), model.newCache(), 20, best);
            assertArrayEquals(Best.of(logits, 20), best);
            assertFalse(backend.gaveUp());
        }
        simulator.assertClean();
    }
}
