package studio.atelier.engine.bench;

import java.lang.foreign.Arena;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.models.Architectures;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.QuantFormat;

/**
 * Measures one model: for each number of threads a prompt of each length is read and some tokens are written behind it.
 * On a warm model: a few seconds of reading and writing go before, and a prompt of up to {@value #REPEATED_TOKENS} tokens is read once more than it
 * is measured. Of three measurements the middle one counts.
 */
public final class ModelBenchmark {
    private static final int CHUNK_TOKENS = 256;
    private static final int WARM_TOKENS = 24;
    /** Java compiles beside the first seconds, on a core that is wanted; they are written in answers of this length. */
    private static final int WARM_ANSWER_TOKENS = 64;

    private static final long WARM_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LONGEST_WARM_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long RESTING_MILLIS = 10;
    private static final int SETTLING_TOKENS = 48;
    private static final int MOST_SETTLING_TOKENS = 480;
    private static final int PARTS = 3;
    /** Longer prompts are read once: they take long enough. */
    private static final int REPEATED_TOKENS = 1024;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final CompilationMXBean COMPILATION = ManagementFactory.getCompilationMXBean();

    private final Loader loader;
    private final List<Measurement> measurements = new ArrayList<>();
    private String backend = "";
    private long idealBytesPerToken;

    /** Makes the model over a backend. */
    @FunctionalInterface
    public interface Loader {
        CausalModel load(Backend backend) throws EngineException;
    }

    /** Makes a backend of so many threads; who asked closes it. */
    @FunctionalInterface
    public interface Backends {
        Backend of(int threads) throws EngineException;
    }

    /** A model that a loader can make as often as it likes. */
    public ModelBenchmark(Loader loader) {
        this.loader = loader;
    }

    /** A model of random weights. */
    public record Synthetic(ModelBenchmark benchmark, SyntheticWeights weights) {
        /** Bytes of all weights, once the model was made. */
        public long sizeBytes() {
            return weights.sizeBytes();
        }
    }

    /** A model of random 4-bit weights over a backend; the weights live as long as the arena. */
    public static CausalModel syntheticModel(SyntheticShape shape, Arena arena, Backend backend)
            throws EngineException {
        return Architectures.load(
                shape.config(), new Modules(backend, new SyntheticWeights(arena, SyntheticWeights.FOUR_BITS)));
    }

    /** As {@link #syntheticModel}, with the layer that drafts where there is one in models of this kind. */
    public static CausalModel syntheticDraftingModel(SyntheticShape shape, Arena arena, Backend backend)
            throws EngineException {
        return Architectures.load(
                shape.config(), new Modules(backend, new SyntheticWeights(arena, SyntheticWeights.FOUR_BITS, true)));
    }

    /** Random weights of a shape, affine with BF16 scales or MXFP4; they are made when the model is first, and live as long as the arena. */
    public static Synthetic synthetic(SyntheticShape shape, QuantFormat format, Arena arena) {
        SyntheticWeights weights = new SyntheticWeights(arena, format);
        ModelBenchmark benchmark =
                new ModelBenchmark(backend -> Architectures.load(shape.config(), new Modules(backend, weights)));
        return new Synthetic(benchmark, weights);
    }

    /** Runs with one number of threads; {@code said} hears a line for each measurement. */
    public void run(Backends backends, int threads, int[] contexts, int decodeTokens, Consumer<Measurement> said)
            throws EngineException {
        try (TimedBackend timed = new TimedBackend(backends.of(threads), THREADS::getCurrentThreadCpuTime)) {
            backend = timed.description();
            CausalModel model = loader.load(timed);
            prefill(model, model.newCache(), 64);
            warm(model, timed);
            for (int context : contexts) {
                Measurement measurement = measure(model, timed, threads, context, decodeTokens);
                measurements.add(measurement);
                said.accept(measurement);
            }
        }
    }

    /** Both ways, looking where the time goes and not: a way never gone before is compiled anew when it is measured. */
    private static void warm(CausalModel model, TimedBackend timed) {
        long start = System.nanoTime();
        decode(model, model.newCache(), WARM_TOKENS);
        long compiledMillis = 0;
        for (boolean looking = false; ; looking = !looking) {
            timed.measure(looking);
            KvCache cache = model.newCache();
            prefill(model, cache, WARM_ANSWER_TOKENS);
            decode(model, cache, WARM_ANSWER_TOKENS);
            long nanos = System.nanoTime() - start;
            long before = compiledMillis;
            compiledMillis = COMPILATION.getTotalCompilationTime();
            boolean resting = compiledMillis - before < RESTING_MILLIS;
            if (looking && (nanos > WARM_NANOS && resting || nanos > LONGEST_WARM_NANOS)) {
                return;
            }
        }
    }

    /** Writes until Java's compiler rests: it compiles anew what reading a prompt had changed. */
    private static void settle(CausalModel model, KvCache cache) {
        long compiledMillis;
        int written = 0;
        do {
            compiledMillis = COMPILATION.getTotalCompilationTime();
            decode(model, cache, SETTLING_TOKENS);
            written += SETTLING_TOKENS;
        } while (COMPILATION.getTotalCompilationTime() - compiledMillis > RESTING_MILLIS
                && written < MOST_SETTLING_TOKENS);
    }

    /** All that was measured so far. */
    public BenchReport report(String model, long weightBytes, Map<Integer, Double> readBytesPerSecond) {
        return new BenchReport(model, backend, weightBytes, idealBytesPerToken, readBytesPerSecond, measurements);
    }

    private Measurement measure(CausalModel model, TimedBackend timed, int threads, int context, int decodeTokens) {
        int times = context <= REPEATED_TOKENS ? PARTS : 1;
        double[] prefills = new double[times];
        double[] prefillWorks = new double[times];
        KvCache cache = model.newCache();
        if (times > 1) {
            prefill(model, cache, context);
        }
        long start;
        long work;
        for (int i = 0; i < times; i++) {
            cache = model.newCache();
            timed.reset();
            start = System.nanoTime();
            work = THREADS.getCurrentThreadCpuTime();
            prefill(model, cache, context);
            prefills[i] = context / seconds(start);
            prefillWorks[i] = context * 1e9 / (THREADS.getCurrentThreadCpuTime() - work);
        }
        Arrays.sort(prefills);
        Arrays.sort(prefillWorks);
        Map<String, Double> prefillShares = shares(timed.nanos());
        timed.measure(false);
        settle(model, cache);
        double[] parts = new double[PARTS];
        int each = Math.max(1, decodeTokens / PARTS);
        double[] works = new double[PARTS];
        for (int part = 0; part < PARTS; part++) {
            start = System.nanoTime();
            work = THREADS.getCurrentThreadCpuTime();
            decode(model, cache, each);
            parts[part] = each / seconds(start);
            works[part] = each * 1e9 / (THREADS.getCurrentThreadCpuTime() - work);
        }
        Arrays.sort(parts);
        Arrays.sort(works);
        double handOver = threads > 1 ? HandOver.nanos() : Double.NaN;
        // Where the time goes is looked at apart: the looking takes some itself.
        timed.measure(true);
        timed.reset();
        decode(model, cache, each);
        idealBytesPerToken = timed.idealBytes() / each;
        return new Measurement(
                threads,
                context,
                context,
                prefills[times / 2],
                prefillWorks[times / 2],
                each * PARTS,
                parts[PARTS / 2],
                works[PARTS / 2],
                timed.weightBytes() / each,
                handOver,
                shares(timed.nanos()),
                prefillShares);
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private static Map<String, Double> shares(Map<String, Long> nanos) {
        double sum = nanos.values().stream().mapToLong(Long::longValue).sum();
        Map<String, Double> shares = new LinkedHashMap<>();
        nanos.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(entry -> shares.put(entry.getKey(), entry.getValue() / sum));
        return shares;
    }

    /** Any tokens do; different ones, so that experts are chosen as in a text. */
    private static int token(CausalModel model, int position) {
        return (int) ((position * 2_654_435_761L >>> 8) % model.vocabularySize());
    }

    private static void prefill(CausalModel model, KvCache cache, int tokens) {
        float[] logits = new float[model.vocabularySize()];
        for (int done = 0; done < tokens; done += CHUNK_TOKENS) {
            int[] chunk = new int[Math.min(CHUNK_TOKENS, tokens - done)];
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = token(model, done + i);
            }
            model.forward(chunk, cache, LogitRows.LAST, logits);
        }
    }

    private static void decode(CausalModel model, KvCache cache, int tokens) {
        float[] logits = new float[model.vocabularySize()];
        int[] token = new int[1];
        for (int i = 0; i < tokens; i++) {
            token[0] = token(model, cache.length());
            model.forward(token, cache, LogitRows.LAST, logits);
        }
    }
}
