package studio.atelier.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;

/** Several texts in one pass, and several tokens of one: every logit is bit for bit what it is one by one. */
final class TogetherTest {
    private static final int MOST = 8;
    private static final int STEPS = 3;

    @ParameterizedTest(name = "{0}, float: {1}")
    @CsvSource({
        "deepseek_v3/hf, true",
        "deepseek_v3/mlx-q4, true",
        "deepseek_v3/mlx-q4, false",
        "deepseek_v2/mlx-q4, false",
        "deepseek_v2/mlx-q4, true",
        "qwen3_moe/mlx-q4, false",
        "qwen3_moe/mlx-q4, true",
        "qwen3_moe/mlx-mxfp4, false",
        "llama/mlx-q3, false",
        "qwen3/hf, true",
        "mixtral/hf, true",
        "gpt_oss/mlx-mxfp4, false",
        "gpt_oss/hf, true",
    })
    void computesWhatEachTextGivesAlone(String folderName, boolean floats) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                CpuBackend backend = floats ? CpuBackend.vectorized(2) : CpuBackend.fast(2)) {
            CausalModel model = folder.load(backend);
            Together together = new Together(model);
            assertTrue(together.isPossible());
            for (int count = 1; count <= MOST; count++) {
                List<Timeline> alone = texts(model, count);
                List<Timeline> joined = texts(model, count);
                int[] tokens = new int[count];
                for (int step = 0; step < STEPS; step++) {
                    Arrays.setAll(tokens, i -> (int) ((i * 37L + joined.get(i).length() * 11L) % 200));
                    together.read(joined, tokens);
                    for (int i = 0; i < count; i++) {
                        float[] expected = alone.get(i).extend(tokens, i, i + 1);
                        assertArrayEquals(expected, joined.get(i).logits(), "text " + i + " of " + count);
                        assertEquals(alone.get(i).length(), joined.get(i).length());
                    }
                }
            }
        }
    }

    private static List<Timeline> texts(CausalModel model, int count) {
        List<Timeline> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Timeline text = new Timeline(model, model.maxPositions());
            int[] prompt = new int[3 + 7 * i];
            int seed = i;
            Arrays.setAll(prompt, at -> (at * 13 + seed * 5) % 200);
            text.extend(prompt, 0, prompt.length);
            texts.add(text);
        }
        return texts;
    }

    /** Also over the border of 512 cached positions, where attention shares a query out. */
    @ParameterizedTest(name = "{0}, float: {1}, behind {2} tokens")
    @CsvSource({
        "deepseek_v3/mlx-q4, false, 20",
        "deepseek_v3/mlx-q4, false, 508",
        "deepseek_v3/mlx-q4, true, 508",
        "qwen3_moe/mlx-q4, false, 20",
        "qwen3_moe/mlx-q4, true, 20",
        "gpt_oss/mlx-mxfp4, false, 20",
        "gpt_oss/hf, true, 20",
    })
    void aTokenWithGuessesComputesWhatTheyGiveOneByOne(String folderName, boolean floats, int before) throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path(folderName));
                CpuBackend backend = floats ? CpuBackend.vectorized(2) : CpuBackend.fast(2)) {
            CausalModel model = folder.load(backend);
            int size = model.vocabularySize();
            int[] prompt = new int[before];
            Arrays.setAll(prompt, at -> (at * 13 + 5) % 200);
            for (int count = 2; count <= MOST; count++) {
                int[] tokens = Arrays.copyOf(new int[] {7, 150, 31, 99, 4, 60, 12, 188}, count);
                float[] together = new float[count * size];
                model.forward(tokens, read(model, prompt), LogitRows.ALL, together);
                KvCache cache = read(model, prompt);
                float[] one = new float[size];
                for (int i = 0; i < count; i++) {
                    model.forward(new int[] {tokens[i]}, cache, LogitRows.LAST, one);
                    assertArrayEquals(
                            one, Arrays.copyOfRange(together, i * size, (i + 1) * size), "token " + i + " of " + count);
                }
            }
        }
    }

    private static KvCache read(CausalModel model, int[] prompt) {
        KvCache cache = model.newCache();
        model.forward(prompt, cache, LogitRows.LAST, new float[model.vocabularySize()]);
        return cache;
    }
}
