package studio.atelier.engine.backend.cpu;

import java.util.Optional;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.RowOperations;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** All operations on the processor: this class lays out the work, {@link Kernels} does the inner loops. */
public final class CpuBackend implements Backend {
    private static final float[] NOTHING = {};

    private final Kernels kernels;
    private final CpuThreads threads;
    private final FloatProducts floats;
    private final CpuRouter router = new CpuRouter();
    private final PassMemory memory = new PassMemory();
    private final CpuElements elements;
    private final Rotation rotation;
    private final CpuAttention attention;
    private final Optional<ExpandedAttention> expanded;
    private final FloatExpandedAttention floatExpanded;
    private final CpuExperts experts;
    private final Optional<RowOperations> rows;
    private final Optional<PictureOperations> pictures;

    private final Optional<NibbleProducts> nibbles;
    private final boolean eightBitCache;

    private CpuBackend(Kernels kernels, CpuThreads threads, Optional<NibbleProducts> nibbles) {
        this(kernels, threads, nibbles, false);
    }

    private CpuBackend(Kernels kernels, CpuThreads threads, Optional<NibbleProducts> nibbles, boolean eightBitCache) {
        this.eightBitCache = eightBitCache;
        this.kernels = kernels;
        this.threads = threads;
        this.nibbles = nibbles;
        this.elements = new CpuElements(kernels, threads);
        this.rotation = new Rotation(threads);
        Scratch scratch = new Scratch(threads.size());
        this.floats = new FloatProducts(kernels, threads, scratch);
        this.attention = new CpuAttention(kernels, threads, nibbles.flatMap(NibbleProducts::emitted));
        this.expanded = attention.isEmitted()
                ? nibbles.flatMap(
                        fast -> fast.emitted().map(code -> new ExpandedAttention(kernels, fast, threads, code)))
                : Optional.empty();
        this.floatExpanded = new FloatExpandedAttention(kernels, threads);
        this.experts = new CpuExperts(kernels, threads, scratch, memory, nibbles);
        CpuPictures both = new CpuPictures(kernels, threads, scratch, memory);
        this.rows = Optional.of(both);
        this.pictures = Optional.of(both);
    }

    /** The reference: one thread, plain loops. */
    public static CpuBackend scalar() {
        return new CpuBackend(new ScalarKernels(), new CpuThreads(1), Optional.empty());
    }

    /** Vector instructions on this many threads, all numbers as floats. */
    public static CpuBackend vectorized(int threads) {
        return new CpuBackend(new VectorKernels(), new CpuThreads(threads), Optional.empty());
    }

    /** As {@link #vectorized}, and weights of 4 or 8 bits by 8-bit activations: emitted kernels where the machine runs them. */
    public static CpuBackend fast(int threadCount) {
        CpuThreads threads = new CpuThreads(threadCount);
        return new CpuBackend(new VectorKernels(), threads, Optional.of(NibbleProducts.of(threads)));
    }

    /** As {@link #fast} with the Vector API only. */
    public static CpuBackend fastVectorized(int threadCount) {
        CpuThreads threads = new CpuThreads(threadCount);
        return new CpuBackend(new VectorKernels(), threads, Optional.of(NibbleProducts.vectorized(threads)));
    }

    /** The same kernels with a cache of 8 bits; this one is not to be used any more. */
    public CpuBackend withEightBitCache() {
        return new CpuBackend(kernels, threads, nibbles, true);
    }

    @Override
    public String description() {
        return "CPU, " + threads.size() + (threads.size() == 1 ? " thread, " : " threads, ") + kernels.description()
                + nibbles.map(fast -> ", " + fast.description()
                                + (fast.emitted().isPresent() ? " for weights of 4 and 8 bits" : " for 4-bit weights")
                                + (attention.isEmitted() ? " and attention" : ""))
                        .orElse("")
                + (eightBitCache ? ", 8-bit cache" : "");
    }

    @Override
    public Pass beginPass() {
        memory.begin();
        nibbles.ifPresent(NibbleProducts::forget);
        return memory;
    }

    @Override
    public void beginPart() {
        memory.beginPart();
    }

    @Override
    public Tensor endPart(Tensor result) {
        memory.endPart(result);
        nibbles.ifPresent(NibbleProducts::forget);
        return result;
    }

    @Override
    public Tensor allocateLasting(Shape shape) {
        return new Tensor(shape, new HeapBuffer(new float[shape.size()]));
    }

    @Override
    public Tensor allocateCache(Shape shape) {
        if (eightBitCache) {
            int rows = shape.axis(0);
            return new Tensor(shape, EightBitBuffer.of(rows, shape.size() / rows));
        }
        return nibbles.isPresent() ? new Tensor(shape, HalfBuffer.of(shape.size())) : allocateLasting(shape);
    }

    @Override
    public Tensor upload(Shape shape, float[] elements) {
        return new Tensor(shape, new HeapBuffer(elements.clone()));
    }

    @Override
    public Tensor bring(float[] elements, int at, int rows, int width) {
        Tensor out = memory.allocate(rows, width);
        System.arraycopy(elements, at, HeapBuffer.of(out), 0, rows * width);
        return out;
    }

    @Override
    public Tensor gather(Weight table, int[] rows) {
        Tensor out = memory.allocate(rows.length, table.columns());
        float[] to = HeapBuffer.of(out);
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] < 0 || rows[i] >= table.rows()) {
                throw new IllegalArgumentException("token: expected 0 to " + (table.rows() - 1) + ", got " + rows[i]);
            }
            RowDecoder.decode(table, rows[i], to, i * table.columns());
        }
        return out;
    }

    @Override
    public Tensor multiply(Weight weight, Tensor x, Optional<Tensor> bias) {
        require(x.shape().width() == weight.columns(), weight.name(), weight.columns(), x);
        Tensor out = memory.allocate(x.shape(), weight.rows());
        float[] from = HeapBuffer.of(x);
        float[] to = HeapBuffer.of(out);
        int rows = x.shape().rows();
        if (nibbles.isPresent() && nibbles.get().take(weight)) {
            nibbles.get().multiply(weight, from, rows, to);
        } else {
            floats.multiply(weight, from, rows, to);
        }
        if (bias.isPresent()) {
            float[] addend = HeapBuffer.of(bias.get());
            for (int i = 0; i < rows; i++) {
                kernels.addScaled(1, addend, 0, to, i * weight.rows(), weight.rows());
            }
        }
        return out;
    }

    @Override
    public Tensor multiplyEach(WeightStack weights, Tensor x) {
        int positions = x.shape().axis(0);
        require(x.shape().width() == weights.columns(), weights.get(0).name(), weights.columns(), x);
        Tensor out = memory.allocate(positions, weights.size(), weights.rows()); // [L, H, out]
        if (nibbles.isPresent() && nibbles.get().takeAll(weights)) {
            nibbles.get().multiplyEach(weights, HeapBuffer.of(x), positions, HeapBuffer.of(out));
        } else {
            floats.multiplyEach(weights, HeapBuffer.of(x), positions, HeapBuffer.of(out));
        }
        return out;
    }

    @Override
    public Tensor multiplyEachTransposed(WeightStack weights, Tensor x) {
        int positions = x.shape().axis(0);
        require(x.shape().width() == weights.rows(), weights.get(0).name(), weights.rows(), x);
        Tensor out = memory.allocate(positions, weights.size(), weights.columns()); // [L, H, in]
        floats.multiplyEachTransposed(weights, HeapBuffer.of(x), positions, HeapBuffer.of(out));
        return out;
    }

    @Override
    public Tensor rmsNorm(Tensor x, Tensor weight, float epsilon) {
        int width = x.shape().width();
        require(weight.shape().size() == width, "norm", weight.shape().size(), x);
        Tensor out = memory.allocate(x.shape());
        elements.rmsNorm(
                HeapBuffer.of(x),
                HeapBuffer.of(weight),
                epsilon,
                HeapBuffer.of(out),
                x.shape().rows(),
                width);
        return out;
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        require(a.shape().size() == b.shape().size(), "sum", a.shape().size(), b);
        Tensor out = memory.allocate(a.shape());
        elements.add(
                HeapBuffer.of(a),
                HeapBuffer.of(b),
                HeapBuffer.of(out),
                a.shape().size());
        return out;
    }

    @Override
    public Tensor gate(Gating gating, Tensor gate, Tensor up) {
        require(gate.shape().equals(up.shape()), "gate", gate.shape().size(), up);
        Tensor out = memory.allocate(gate.shape());
        elements.gate(
                gating,
                HeapBuffer.of(gate),
                HeapBuffer.of(up),
                HeapBuffer.of(out),
                gate.shape().size());
        return out;
    }

    @Override
    public Tensor columns(Tensor x, int from, int to) {
        Tensor out = memory.allocate(x.shape(), to - from);
        elements.copyRows(
                HeapBuffer.of(x),
                from,
                x.shape().width(),
                HeapBuffer.of(out),
                0,
                to - from,
                x.shape().rows(),
                to - from);
        return out;
    }

    @Override
    public Tensor concatenate(Tensor left, Tensor right) {
        int leftWidth = left.shape().width();
        int rightWidth = right.shape().width();
        int width = leftWidth + rightWidth;
        Tensor out = memory.allocate(left.shape(), width);
        int rows = left.shape().rows();
        elements.copyRows(HeapBuffer.of(left), 0, leftWidth, HeapBuffer.of(out), 0, width, rows, leftWidth);
        elements.copyRows(HeapBuffer.of(right), 0, rightWidth, HeapBuffer.of(out), leftWidth, width, rows, rightWidth);
        return out;
    }

    @Override
    public Tensor lastRows(Tensor x, int count) {
        int positions = x.shape().axis(0);
        int width = x.shape().size() / positions;
        Tensor out = memory.allocate(count, width);
        System.arraycopy(HeapBuffer.of(x), (positions - count) * width, HeapBuffer.of(out), 0, count * width);
        return out;
    }

    @Override
    public void rotate(Tensor x, Rope rope, int firstPosition) {
        nibbles.ifPresent(NibbleProducts::forget);
        rotation.rotate(HeapBuffer.of(x), x.shape(), rope, firstPosition);
    }

    @Override
    public void store(Tensor x, Tensor target, int firstRow) {
        int width = target.shape().size() / target.shape().axis(0);
        CacheRows.write(x.buffer(), x.shape().size(), target.buffer(), firstRow * width);
    }

    @Override
    public Tensor attend(
            Tensor queries, Tensor keys, Tensor values, Optional<Tensor> sinks, Attending rule, int firstPosition) {
        Tensor out = memory.allocate(queries.shape());
        int size = queries.shape().axis(2);
        attention.grouped(
                HeapBuffer.of(queries),
                keys.buffer(),
                values.buffer(),
                sinks.isPresent() ? HeapBuffer.of(sinks.get()) : NOTHING,
                HeapBuffer.of(out),
                attention.sizes(
                        queries.shape().axis(0),
                        queries.shape().axis(1),
                        keys.shape().axis(1),
                        size,
                        size),
                rule,
                firstPosition);
        return out;
    }

    @Override
    public Tensor attendLatent(
            Tensor latentQueries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            Attending rule,
            int firstPosition) {
        Tensor out = memory.allocate(latentQueries.shape());
        int rank = latentQueries.shape().width();
        attention.latent(
                HeapBuffer.of(latentQueries),
                HeapBuffer.of(ropeQueries),
                latents.buffer(),
                ropeKeys.buffer(),
                HeapBuffer.of(out),
                attention.sizes(
                        latentQueries.shape().axis(0),
                        latentQueries.shape().axis(1),
                        1,
                        rank + ropeQueries.shape().width(),
                        rank),
                rule,
                firstPosition);
        return out;
    }

    @Override
    public Tensor attendExpanded(
            Tensor queries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            LatentUp up,
            Attending rule,
            int firstPosition) {
        Tensor out = memory.allocate(queries.shape(), up.valueSize()); // [L, H, Dv]
        ExpandedInputs data = new ExpandedInputs(
                HeapBuffer.of(queries),
                HeapBuffer.of(ropeQueries),
                latents.buffer(),
                ropeKeys.buffer(),
                HeapBuffer.of(out),
                queries.shape().axis(0),
                ropeQueries.shape().width());
        if (expanded.isPresent() && expanded.get().serves(data, up)) {
            expanded.get().attend(data, up, rule, firstPosition);
        } else {
            floatExpanded.attend(data, up, rule, firstPosition);
        }
        return out;
    }

    @Override
    public int expandsLatentsFrom(LatentUp up, int ropeSize) {
        // Where only the absorbed form has emitted kernels it is always faster than expanding with floats.
        return expanded.isPresent()
                ? expanded.get().from(up, ropeSize)
                : Backend.super.expandsLatentsFrom(up, ropeSize);
    }

    @Override
    public Routing route(Tensor logits, Optional<Tensor> bias, RouterRule rule) {
        return router.route(
                HeapBuffer.of(logits),
                logits.shape().rows(),
                logits.shape().width(),
                bias.isPresent() ? HeapBuffer.of(bias.get()) : NOTHING,
                rule);
    }

    @Override
    public Tensor mixExperts(Tensor x, Routing routing, ExpertWeights weights) {
        if (!(routing instanceof CpuRouter.Chosen chosen)) {
            throw new IllegalArgumentException("routing: expected one of the CPU, got " + routing.getClass());
        }
        Tensor out = memory.allocate(x.shape());
        experts.mix(HeapBuffer.of(x), x.shape().rows(), chosen, weights, HeapBuffer.of(out));
        return out;
    }

    @Override
    public boolean keepsCaches() {
        return true;
    }

    @Override
    public Optional<RowOperations> rowOperations() {
        return rows;
    }

    @Override
    public Optional<PictureOperations> pictures() {
        return pictures;
    }

    @Override
    public void close() {
        threads.close();
    }

    private static void require(boolean fits, String what, int expected, Tensor got) {
        if (!fits) {
            throw new IllegalArgumentException(what + ": expected width " + expected + ", got " + got.shape());
        }
    }
}
