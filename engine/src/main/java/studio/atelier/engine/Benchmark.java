package studio.atelier.engine;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.cpu.Cores;
import studio.atelier.engine.backend.cpu.ReadBandwidth;
import studio.atelier.engine.bench.BenchReport;
import studio.atelier.engine.bench.Measurement;
import studio.atelier.engine.bench.ModelBenchmark;
import studio.atelier.engine.bench.SyntheticShape;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;

/**
 * Measures how fast a model computes on this machine, at several context lengths and numbers of threads.
 *
 * @param backend which processor; the numbers of threads only count on the CPU
 * @param threads numbers of threads to measure with
 * @param contexts prompt lengths in tokens, each at least 1
 * @param decodeTokens tokens to write behind each prompt
 * @param cache how what was read is kept
 */
public record Benchmark(
        BackendChoice backend, List<Integer> threads, List<Integer> contexts, int decodeTokens, CacheChoice cache) {
    public Benchmark {
        threads = List.copyOf(threads);
        contexts = List.copyOf(contexts);
        if (threads.isEmpty() || contexts.isEmpty() || decodeTokens < 1) {
            throw new IllegalArgumentException("benchmark: expected threads, contexts and tokens, got " + threads + ", "
                    + contexts + ", " + decodeTokens);
        }
        threads.forEach(count -> requirePositive("threads", count));
        contexts.forEach(count -> requirePositive("context", count));
    }

    private static void requirePositive(String name, int count) {
        if (count < 1) {
            throw new IllegalArgumentException(name + ": expected 1 or more, got " + count);
        }
    }

    /** One and all threads; short, middle and long prompts. */
    public static Benchmark defaults() {
        int cores = Cores.physical();
        return new Benchmark(
                BackendChoice.CPU,
                cores == 1 ? List.of(1) : List.of(1, cores),
                List.of(128, 512, 2048),
                48,
                CacheChoice.AUTOMATIC);
    }

    /** A finished benchmark, ready to show. */
    public record Report(String table, String json) {}

    /** The names of shapes that can be measured without a model. */
    public static List<String> syntheticShapes() {
        return Arrays.stream(SyntheticShape.values()).map(SyntheticShape::label).toList();
    }

    /** Measures a model's folder; {@code progress} hears a line for each measurement. */
    public Report ofModel(Path folder, Consumer<String> progress) throws EngineException {
        try (ModelFolder open = ModelFolder.open(folder)) {
            return run(new ModelBenchmark(open::load), open.name(), open::sizeBytes, progress);
        }
    }

    /** The names of formats that random weights can have; the first is the usual one. */
    public static List<String> syntheticFormats() {
        return List.of("4bit", "8bit", "mxfp4");
    }

    /** Measures a shape of {@link #syntheticShapes()} with random weights of one of {@link #syntheticFormats()}. */
    public Report ofSynthetic(String name, String formatName, Consumer<String> progress) throws EngineException {
        QuantFormat format =
                switch (formatName) {
                    case "4bit" -> new QuantFormat.Affine(4, 64, DType.BF16);
                    case "8bit" -> new QuantFormat.Affine(8, 64, DType.BF16);
                    case "mxfp4" -> new QuantFormat.Mxfp4();
                    default ->
                        throw new EngineException(
                                Reason.CONFIG_INVALID,
                                "There are no synthetic weights \"" + formatName + "\": choose "
                                        + String.join(", ", syntheticFormats()) + ".");
                };
        SyntheticShape shape = SyntheticShape.named(name)
                .orElseThrow(() -> new EngineException(
                        Reason.CONFIG_INVALID,
                        "There is no synthetic model \"" + name + "\": choose "
                                + syntheticShapes().stream().collect(Collectors.joining(", ")) + "."));
        try (Arena arena = Arena.ofShared()) {
            ModelBenchmark.Synthetic made = ModelBenchmark.synthetic(shape, format, arena);
            return run(
                    made.benchmark(), shape.label() + ", random weights, " + format.label(), made::sizeBytes, progress);
        }
    }

    private Report run(ModelBenchmark benchmark, String name, LongSupplier weightBytes, Consumer<String> progress)
            throws EngineException {
        int[] lengths = contexts.stream().mapToInt(Integer::intValue).toArray();
        Map<Integer, Double> reading = new LinkedHashMap<>();
        for (int count : threads) {
            reading.put(count, ReadBandwidth.bytesPerSecond(count));
            benchmark.run(
                    each -> Backends.of(backend, each, cache),
                    count,
                    lengths,
                    decodeTokens,
                    m -> progress.accept(line(m)));
        }
        BenchReport report = benchmark.report(name, weightBytes.getAsLong(), reading);
        return new Report(report.table(), report.json());
    }

    private static String line(Measurement m) {
        return String.format(
                Locale.ROOT,
                "%d threads, %d tokens: read %.1f tokens/s, wrote %.2f tokens/s",
                m.threads(),
                m.contextTokens(),
                m.prefillTokensPerSecond(),
                m.decodeTokensPerSecond());
    }
}
