package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.Drafter;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.tensor.Backend;

/**
 * The layer that guesses beside its golden data, hidden states taken after the final norm: it reads the golden text's rows
 * a few at a time, and each guess is compared.
 */
public final class DraftGolden implements AutoCloseable {
    private static final float TOLERANCE = 3e-4f;

    private final ModelFolder folder;
    private final Drafter drafter;
    private final int[] tokens;
    private final float[] expected;
    private final float[] hidden;
    private final float[] logits;
    private final KvCache cache;

    /** Reads the whole text with the model itself. */
    public DraftGolden(Backend backend) throws Exception {
        folder = ModelFolder.open(GoldenFile.path("deepseek_v3/hf"));
        try (GoldenFile golden = GoldenFile.open("deepseek_v3/golden.safetensors")) {
            tokens = golden.ints("tokens");
            expected = golden.floats("mtp.postnorm.logits");
        }
        CausalModel model = folder.load(backend);
        drafter = model.drafter().orElseThrow();
        hidden = new float[tokens.length * drafter.hiddenSize()];
        logits = new float[model.vocabularySize()];
        drafter.forward(tokens, model.newCache(), LogitRows.LAST, logits, hidden, 0);
        cache = drafter.newCache();
    }

    /** Rows that can still be read: behind the last there is no token. */
    public int rowsLeft() {
        return tokens.length - 1 - cache.length();
    }

    /** Reads rows whose guesses nobody asks for. */
    public void remember(int rows) {
        read(rows, new float[0]);
    }

    /** Reads rows and compares the guess behind the last. */
    public void guess(int rows) {
        read(rows, logits);
        int row = cache.length() - 1;
        for (int v = 0; v < logits.length; v++) {
            assertEquals(expected[row * logits.length + v], logits[v], TOLERANCE, "row " + row + ", token " + v);
        }
    }

    private void read(int rows, float[] wanted) {
        int from = cache.length();
        int[] next = Arrays.copyOfRange(tokens, from + 1, from + 1 + rows);
        drafter.draft(hidden, from * drafter.hiddenSize(), next, cache, wanted);
        assertEquals(from + rows, cache.length());
    }

    @Override
    public void close() {
        folder.close();
    }
}
