package studio.atelier.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.engine.backend.metal.KernelTime;
import studio.atelier.engine.backend.metal.MetalBackend;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.plan.TokenPlan;

/**
 * Measures a model on the GPU: tokens per second by context, and for each kernel what it moves per second. A person can
 * send the outcome as it is printed.
 *
 * @param contexts prompt lengths in tokens
 * @param decodeTokens tokens to write behind each prompt, at least 1
 */
public record GpuBenchmark(List<Integer> contexts, int decodeTokens) {
    private static final int CHUNK_TOKENS = 256;

    public GpuBenchmark {
        contexts = List.copyOf(contexts);
    }

    /** What one context length took. */
    private record Measured(int context, double prefillSeconds, double decodeSeconds, double gpuSeconds) {}

    /**
     * Measures a model's folder.
     *
     * @param progress hears a line for each measurement
     */
    public Benchmark.Report ofModel(Path folder, Consumer<String> progress) throws EngineException {
        try (ModelFolder open = ModelFolder.open(folder);
                MetalBackend backend = MetalBackend.open(true)) {
            CausalModel model = open.load(backend);
            List<Measured> measured = new ArrayList<>();
            List<KernelTime> kernels = List.of();
            for (int context : contexts) {
                KvCache cache = model.newCache();
                Measured one = measure(model, backend, cache, context);
                measured.add(one);
                progress.accept(line(one));
                kernels = backend.timeKernels(cache, 0, cache.length());
            }
            if (backend.gaveUp()) {
                throw new EngineException(
                        EngineException.Reason.BACKEND_UNAVAILABLE, "The GPU failed: " + backend.description() + ".");
            }
            return report(open.name(), open.sizeBytes(), backend.description(), measured, kernels);
        }
    }

    private Measured measure(CausalModel model, MetalBackend backend, KvCache cache, int context) {
        float[] logits = new float[model.vocabularySize()];
        long start = System.nanoTime();
        for (int done = 0; done < context; done += CHUNK_TOKENS) {
            int[] chunk = new int[Math.min(CHUNK_TOKENS, context - done)];
            for (int i = 0; i < chunk.length; i++) {
                chunk[i] = token(model, done + i);
            }
            model.forward(chunk, cache, LogitRows.LAST, logits);
        }
        double prefill = seconds(start);
        float[] best = new float[2];
        // The first token's commands are recorded, the others' kept.
        model.forwardBest(new int[] {token(model, context)}, cache, 1, best);
        start = System.nanoTime();
        double gpu = backend.gpuSeconds();
        for (int i = 0; i < decodeTokens; i++) {
            model.forwardBest(new int[] {token(model, cache.length())}, cache, 1, best);
        }
        return new Measured(context, prefill, seconds(start), backend.gpuSeconds() - gpu);
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** Any tokens do; different ones, so that experts are chosen as in a text. */
    private static int token(CausalModel model, int position) {
        return (int) ((position * 2_654_435_761L >>> 8) % model.vocabularySize());
    }

    private String line(Measured m) {
        return String.format(
                Locale.ROOT,
                "context %d: read %.1f tokens/s, wrote %.2f tokens/s, GPU busy %.0f %%",
                m.context(),
                m.context() / m.prefillSeconds(),
                decodeTokens / m.decodeSeconds(),
                100 * m.gpuSeconds() / m.decodeSeconds());
    }

    private Benchmark.Report report(
            String model, long weightBytes, String device, List<Measured> measured, List<KernelTime> kernels) {
        Optional<TokenPlan.Machine> machine = TokenPlan.Machine.KNOWN.stream()
                .filter(each -> device.contains(each.name()))
                .findFirst();
        StringBuilder text = new StringBuilder();
        String system = System.getProperty("os.name") + " " + System.getProperty("os.version");
        text.append(String.format(
                Locale.ROOT, "%s, %.2f GB of weights; %s, %s%n", model, weightBytes / 1e9, device, system));
        measured.forEach(each -> text.append(line(each)).append('\n'));
        text.append("kernels of a token at the last context, each alone:\n");
        text.append("kernel                     launches         ms     GB/s  of bandwidth  GFLOP/s\n");
        ObjectNode root = new ObjectMapper()
                .createObjectNode()
                .put("model", model)
                .put("weight_bytes", weightBytes)
                .put("device", device)
                .put("system", system);
        ArrayNode contexts = root.putArray("contexts");
        for (Measured each : measured) {
            contexts.addObject()
                    .put("context_tokens", each.context())
                    .put("prefill_tokens_per_second", each.context() / each.prefillSeconds())
                    .put("decode_tokens_per_second", decodeTokens / each.decodeSeconds())
                    .put("decode_gpu_share", each.gpuSeconds() / each.decodeSeconds());
        }
        ArrayNode list = root.putArray("kernels");
        for (KernelTime each : kernels) {
            String share = machine.map(known ->
                            String.format(Locale.ROOT, "%.0f %%", 100 * each.bytesPerSecond() / known.bytesPerSecond()))
                    .orElse("unknown");
            text.append(String.format(
                    Locale.ROOT,
                    "%-26s %8d %10.3f %8.1f %13s %8.0f%n",
                    each.kernel(),
                    each.launches(),
                    1e3 * each.seconds(),
                    each.bytesPerSecond() / 1e9,
                    share,
                    each.operations() / each.seconds() / 1e9));
            list.addObject()
                    .put("kernel", each.kernel())
                    .put("launches", each.launches())
                    .put("seconds", each.seconds())
                    .put("bytes", each.bytes())
                    .put("operations", each.operations());
        }
        return new Benchmark.Report(text.toString(), root.toPrettyString());
    }
}
