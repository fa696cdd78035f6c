package studio.atelier.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.tensor.Backend;

/**
 * A model's raw numbers for given tokens, for comparing engines: one pass over all tokens, then greedy continuation with
 * the KV cache.
 *
 * @param vocabularySize V
 * @param logits {@code [L, V]} of the one pass
 * @param greedyTokens what follows, the likeliest token each time
 */
public record Logits(int vocabularySize, float[] logits, int[] greedyTokens) {
    /** Above this a comparison is not meant: the logits would not fit into an array. */
    private static final int MOST_LOGITS = 1 << 28;

    /**
     * Computes them, exact on every processor: the CPU's way with 8-bit activations is never taken.
     *
     * @param tokens at least one
     * @param greedyCount how many tokens to continue with
     */
    public static Logits compute(Path path, BackendChoice choice, int[] tokens, int greedyCount)
            throws EngineException {
        try (Backend backend = Backends.of(choice.exact())) {
            return compute(path, backend, tokens, greedyCount);
        }
    }

    /** Computes them on a backend, exact or not. */
    static Logits compute(Path path, Backend backend, int[] tokens, int greedyCount) throws EngineException {
        try (ModelFolder folder = ModelFolder.open(path)) {
            CausalModel model = folder.load(backend);
            int size = model.vocabularySize();
            check(tokens, greedyCount, size, model.maxPositions());
            KvCache cache = model.newCache();
            float[] logits = new float[tokens.length * size];
            model.forward(tokens, cache, LogitRows.ALL, logits);
            float[] last = Arrays.copyOfRange(logits, logits.length - size, logits.length);
            int[] greedy = new int[greedyCount];
            for (int i = 0; i < greedyCount; i++) {
                if (i > 0) {
                    model.forward(new int[] {greedy[i - 1]}, cache, LogitRows.LAST, last);
                }
                greedy[i] = Sampler.likeliest(last);
            }
            return new Logits(size, logits, greedy);
        }
    }

    private static void check(int[] tokens, int greedyCount, int vocabularySize, int maxPositions)
            throws EngineException {
        for (int token : tokens) {
            if (token < 0 || token >= vocabularySize) {
                throw new EngineException(
                        Reason.CONFIG_INVALID,
                        "The token " + token + " is not one of the model's " + vocabularySize + ".");
            }
        }
        if (tokens.length == 0 || (long) tokens.length + greedyCount > maxPositions) {
            throw new EngineException(
                    Reason.CONTEXT_TOO_LONG,
                    tokens.length + " tokens and " + greedyCount + " more were asked for; the model takes 1 to "
                            + maxPositions + ".");
        }
        if ((long) tokens.length * vocabularySize > MOST_LOGITS) {
            throw new EngineException(
                    Reason.CONTEXT_TOO_LONG,
                    tokens.length + " tokens of " + vocabularySize + " logits each are more than the " + MOST_LOGITS
                            + " numbers that are compared at once.");
        }
    }

    /** Writes them as a safetensors file with {@code logits} F32 [L, V] and {@code greedy_tokens} I32 [N]. */
    public void write(Path file) throws IOException {
        LogitsFile.write(this, file);
    }
}
