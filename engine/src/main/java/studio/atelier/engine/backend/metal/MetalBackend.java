package studio.atelier.engine.backend.metal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.backend.ffi.CommandBuffer;
import studio.atelier.engine.backend.ffi.MetalException;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * All operations on the Apple GPU. Operations are only recorded; when numbers are read, or the pass ends, a {@link
 * Planner} joins them into few dispatches and the GPU gets them in one go, so nothing waits inside a token.
 *
 * <p>When the GPU fails, its queue is rebuilt once and the work handed over again; when it fails once more, the processor
 * goes on with the same answer, and {@link #description} says so.
 */
public final class MetalBackend extends RecordingBackend {
    private static final System.Logger LOGGER = System.getLogger(MetalBackend.class.getName());
    /** Attention looks at whole tiles of cached positions, also behind the last. */
    private static final int SLACK_ROWS = 32;

    private final Gpu gpu;
    private final WeightViews weights;
    private final LastingMemory lasting;
    private final CommandStream stream;
    private final KeptPasses kept;
    private final boolean halfCache;
    private boolean failedBefore;
    private @Nullable CpuReplay fallback;
    private @Nullable Pass cpuPass;
    private String trouble = "";

    private MetalBackend(Gpu gpu, MetalOptions options) {
        this.gpu = gpu;
        this.weights = new WeightViews(gpu);
        this.lasting = new LastingMemory(gpu);
        this.stream = new CommandStream(gpu, weights, lasting, options);
        this.kept = new KeptPasses(stream);
        this.halfCache = options.halfCache();
    }

    /**
     * The system's GPU with keys and values in float32. The caller closes it.
     *
     * @throws EngineException {@link EngineException.Reason#BACKEND_UNAVAILABLE} when there is none, or it does not work
     *     as expected
     */
    public static MetalBackend open() throws EngineException {
        return open(false);
    }

    /** As {@link #open()}; {@code halfCache} stores keys and values as float16, half the memory and traffic. */
    public static MetalBackend open(boolean halfCache) throws EngineException {
        return open(MetalOptions.EXACT.withHalfCache(halfCache));
    }

    static MetalBackend open(MetalOptions options) throws EngineException {
        try {
            return new MetalBackend(Gpu.open(options.sources()), options);
        } catch (MetalException | LinkageError | IllegalArgumentException e) {
            throw new EngineException(
                    EngineException.Reason.BACKEND_UNAVAILABLE, e.getMessage() + " Choose the cpu backend instead.", e);
        }
    }

    @Override
    public String description() {
        return fallback == null
                ? "Metal, " + gpu.device().name()
                : fallback.backend().description() + " (the GPU was given up: " + trouble + ")";
    }

    @Override
    public Optional<String> trouble() {
        return fallback == null ? Optional.empty() : Optional.of(trouble);
    }

    /** Whether the processor has taken over. */
    public boolean gaveUp() {
        return fallback != null;
    }

    /** Whether something failed and was handed over once more. */
    boolean failedBefore() {
        return failedBefore;
    }

    /** Dispatches of the pass that is kept for a text; 0 when there is none. */
    int dispatchesOfKeptPass(Object text) {
        KeptPass pass = kept.find(text);
        return pass == null ? 0 : pass.placed().dispatches().size();
    }

    /**
     * Does the kept pass of a text once more, one dispatch after the other.
     *
     * @return a kernel each, the one that takes longest first; empty when no pass is kept
     */
    public List<KernelTime> timeKernels(Object text, int token, int position) {
        KeptPass pass = kept.find(text);
        if (pass == null || fallback != null || !pass.fits(position, pass.result().size)) {
            return List.of();
        }
        Placed placed = pass.placed();
        placed.step().write(placed.stepMemory(), token, position);
        Map<String, KernelTime> byKernel = new TreeMap<>();
        for (KernelTime each : stream.time(placed)) {
            byKernel.merge(each.kernel(), each, KernelTime::plus);
        }
        return byKernel.values().stream()
                .sorted(Comparator.comparingDouble(KernelTime::seconds).reversed())
                .toList();
    }

    /** Bytes that are given to nobody, because commands that did not end may still write there. */
    long asideBytes() {
        return stream.asideBytes();
    }

    /** Keeps no pass. */
    void forget() {
        kept.clear();
    }

    /** Seconds that the GPU has worked so far. */
    public double gpuSeconds() {
        return stream.gpuSeconds();
    }

    @Override
    public void adopt(List<MemorySegment> tensorsOfFile) throws EngineException {
        try {
            weights.adopt(tensorsOfFile);
        } catch (MetalException e) {
            throw new EngineException(EngineException.Reason.MEMORY_TOO_SMALL, String.valueOf(e.getMessage()), e);
        }
        Budget.of(gpu.device()).require(weights.viewedBytes());
    }

    @Override
    public Pass beginPass() {
        if (open) {
            throw new IllegalStateException("a pass is already open");
        }
        open = true;
        if (fallback != null) {
            cpuPass = fallback.backend().beginPass();
        }
        return this::endPass;
    }

    private void endPass() {
        try {
            compute();
            if (fallback == null && !stream.isIdle()) {
                // Stores without anybody asking for numbers: the next pass may reuse the memory.
                finish();
            }
        } finally {
            open = false;
            kept.end();
            forgetRecord();
            if (cpuPass != null) {
                cpuPass.close();
                cpuPass = null;
            }
            stream.recycle();
        }
    }

    @Override
    public Tensor allocateLasting(Shape shape) {
        return lasting(shape, false);
    }

    @Override
    public Tensor allocateCache(Shape shape) {
        return lasting(shape, halfCache);
    }

    private Tensor lasting(Shape shape, boolean cacheTyped) {
        long slack = shape.rank() > 1 ? (long) SLACK_ROWS * (shape.size() / Math.max(1, shape.axis(0))) : 0;
        long elementBytes = cacheTyped ? Short.BYTES : Float.BYTES;
        Region region = lasting.take(elementBytes * (shape.size() + slack));
        Value value = Value.lasting(shape.size(), region, cacheTyped);
        MetalBuffer buffer = new MetalBuffer(this, value);
        lasting.freeWith(value, region);
        return new Tensor(shape, buffer);
    }

    @Override
    public Tensor upload(Shape shape, float[] elements) {
        if (elements.length < shape.size()) {
            throw new IllegalArgumentException(
                    "elements: expected " + shape.size() + " for " + shape + ", got " + elements.length);
        }
        Tensor tensor = lasting(shape, false);
        MemorySegment memory = SharedNumbers.memory(MetalBuffer.of(tensor).value());
        MemorySegment.copy(elements, 0, memory, ValueLayout.JAVA_FLOAT, 0, shape.size());
        return tensor;
    }

    /** From one cache to a larger one: shared memory, so the processor copies. */
    @Override
    void copyLasting(Input from, Input to, int firstRow) {
        if (fallback != null) {
            fallback.copyLasting(from, to, firstRow);
            return;
        }
        compute();
        finish();
        SharedNumbers.copy(from, to, firstRow);
    }

    @Override
    void recorded(Node node) {
        if (fallback != null) {
            fallback.run(List.of(node));
        }
    }

    /** Hands over what is recorded and has an effect or is wanted. */
    private void compute() {
        if (fallback != null) {
            return;
        }
        StepData step = new StepData();
        List<Dispatch> dispatches = new Planner(nodes, results, step, halfCache).plan();
        if (dispatches.isEmpty()) {
            return;
        }
        try {
            kept.submitted(stream.submit(dispatches, step), nodes);
        } catch (MetalException e) {
            recover(e);
        }
    }

    /** Waits for the GPU; when it fails, tries once more or leaves the rest to the processor. */
    private void finish() {
        try {
            stream.await();
            nodes.removeIf(Node.Store.class::isInstance);
        } catch (MetalException e) {
            recover(e);
        }
    }

    private void recover(MetalException failure) {
        for (Value value : results.values()) {
            value.region = null;
            value.planned = false;
        }
        kept.spoil();
        if (rebuilt(failure)) {
            compute();
            finish();
        } else if (fallback == null) {
            CpuReplay replay = giveUp(failure);
            cpuPass = replay.backend().beginPass();
            replay.run(nodes);
        }
    }

    /** Whether the queue could be made anew; it is tried once. */
    private boolean rebuilt(MetalException failure) {
        if (failedBefore) {
            return false;
        }
        failedBefore = true;
        LOGGER.log(System.Logger.Level.WARNING, failure.getMessage() + " It gets a second chance.");
        settle();
        gpu.rebuildQueue();
        return true;
    }

    /** Nothing runs any more but what is stuck, and nothing is kept. */
    private void settle() {
        try {
            stream.await();
        } catch (MetalException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "also failed: " + e.getMessage());
        }
        kept.clear();
    }

    private CpuReplay giveUp(MetalException failure) {
        trouble = String.valueOf(failure.getMessage());
        LOGGER.log(System.Logger.Level.WARNING, trouble + " The processor goes on.");
        settle();
        CpuReplay replay = new CpuReplay(results, SharedNumbers::read);
        fallback = replay;
        return replay;
    }

    @Override
    public boolean choosesBest() {
        return fallback == null;
    }

    @Override
    public boolean again(Object text, int token, int position, float[] target) {
        if (open || fallback != null) {
            return false;
        }
        kept.expect(text);
        KeptPass pass = kept.find(text);
        if (pass == null || !pass.fits(position, target.length)) {
            return false;
        }
        try {
            List<CommandBuffer> ahead = pass.takeAhead();
            Placed placed = pass.placed();
            List<CommandBuffer> commands = ahead.isEmpty() ? stream.encode(placed) : ahead;
            placed.step().write(placed.stepMemory(), token, position);
            stream.commit(commands);
            // The next token's commands are written while the GPU computes this one.
            pass.prepare(stream.encode(placed));
            stream.await();
        } catch (MetalException e) {
            if (!rebuilt(e)) {
                giveUp(e);
            }
            return false;
        }
        MemorySegment.copy(SharedNumbers.memory(pass.result()), ValueLayout.JAVA_FLOAT, 0, target, 0, target.length);
        return true;
    }

    @Override
    void read(Value value, float[] target, int count) {
        kept.read(value);
        if (!value.lasting) {
            value.wanted = true;
            if (value.region == null && fallback == null) {
                compute();
            }
        } else if (open) {
            compute();
        }
        if (fallback == null) {
            finish();
        }
        Tensor held = value.onCpu;
        if (held != null) {
            held.buffer().read(target, count);
            return;
        }
        if (value.cacheTyped) {
            System.arraycopy(SharedNumbers.read(value), 0, target, 0, count);
            return;
        }
        MemorySegment.copy(SharedNumbers.memory(value), ValueLayout.JAVA_FLOAT, 0, target, 0, count);
    }

    @Override
    Optional<Routing> routingOnCpu(Value experts) {
        return fallback == null ? Optional.empty() : Optional.of(fallback.routing(experts));
    }

    @Override
    public void close() {
        if (fallback != null) {
            fallback.backend().close();
        }
        kept.clear();
        stream.close();
        weights.close();
        lasting.close();
        gpu.close();
    }
}
