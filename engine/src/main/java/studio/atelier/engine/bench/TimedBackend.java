package studio.atelier.engine.bench;

import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.RowOperations;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** Measures how long each kind of operation takes and how many bytes of weights it reads; computes nothing itself. */
final class TimedBackend implements Backend {
    private final Backend inner;
    private final LongSupplier clock;
    private final Map<String, Long> nanos = new LinkedHashMap<>();
    private final Map<Weight, Boolean> seen = new IdentityHashMap<>();
    private boolean measuring = true;
    private long weightBytes;
    private long idealBytes;

    /** Measures with this clock, in nanoseconds. */
    TimedBackend(Backend inner, LongSupplier clock) {
        this.inner = inner;
        this.clock = clock;
    }

    /** Nanoseconds by operation since the last {@link #reset()}. */
    Map<String, Long> nanos() {
        return new LinkedHashMap<>(nanos);
    }

    /** As {@link #weightBytes()}, but a weight that a pass reads again counts once. */
    long idealBytes() {
        return idealBytes;
    }

    /** Bytes of weights read since then, by each operation that reads them. */
    long weightBytes() {
        return weightBytes;
    }

    void reset() {
        nanos.clear();
        weightBytes = 0;
        idealBytes = 0;
    }

    /** Whether to measure; asking for a thread's time costs as much as a small operation. */
    void measure(boolean on) {
        measuring = on;
    }

    private <T> T timed(String name, Supplier<T> operation) {
        if (!measuring) {
            return operation.get();
        }
        long start = clock.getAsLong();
        T result = operation.get();
        nanos.merge(name, clock.getAsLong() - start, Long::sum);
        return result;
    }

    private void read(Weight weight) {
        long row = (long) weight.columns() * weight.format().bitsPerValue() / 8;
        long bytes = weight.rows()
                * (row + weight.scales().rowBytes() + weight.biases().rowBytes());
        weightBytes += bytes;
        if (seen.put(weight, true) == null) {
            idealBytes += bytes;
        }
    }

    private void read(WeightStack stack) {
        stack.each().forEach(this::read);
    }

    @Override
    public String description() {
        return inner.description();
    }

    @Override
    public void adopt(List<MemorySegment> tensorsOfFile) throws EngineException {
        inner.adopt(tensorsOfFile);
    }

    @Override
    public Pass beginPass() {
        seen.clear();
        return inner.beginPass();
    }

    @Override
    public void beginPart() {
        inner.beginPart();
    }

    @Override
    public Tensor endPart(Tensor result) {
        return inner.endPart(result);
    }

    @Override
    public Tensor allocateLasting(Shape shape) {
        return inner.allocateLasting(shape);
    }

    @Override
    public Tensor allocateCache(Shape shape) {
        return inner.allocateCache(shape);
    }

    @Override
    public Tensor upload(Shape shape, float[] elements) {
        return inner.upload(shape, elements);
    }

    @Override
    public Tensor bring(float[] elements, int at, int rows, int width) {
        return inner.bring(elements, at, rows, width);
    }

    @Override
    public Tensor gather(Weight table, int[] rows) {
        return timed("embedding", () -> inner.gather(table, rows));
    }

    @Override
    public Tensor multiply(Weight weight, Tensor x, Optional<Tensor> bias) {
        read(weight);
        String name = weight.name().contains("lm_head") ? "output layer" : "linear layers";
        return timed(name, () -> inner.multiply(weight, x, bias));
    }

    @Override
    public Tensor multiplyEach(WeightStack weights, Tensor x) {
        read(weights);
        return timed("linear layers of heads", () -> inner.multiplyEach(weights, x));
    }

    @Override
    public Tensor multiplyEachTransposed(WeightStack weights, Tensor x) {
        read(weights);
        return timed("linear layers of heads", () -> inner.multiplyEachTransposed(weights, x));
    }

    @Override
    public Tensor rmsNorm(Tensor x, Tensor weight, float epsilon) {
        return timed("norms", () -> inner.rmsNorm(x, weight, epsilon));
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        return timed("sums, gates, copies", () -> inner.add(a, b));
    }

    @Override
    public Tensor gate(Gating gating, Tensor gate, Tensor up) {
        return timed("sums, gates, copies", () -> inner.gate(gating, gate, up));
    }

    @Override
    public Tensor columns(Tensor x, int from, int to) {
        return timed("sums, gates, copies", () -> inner.columns(x, from, to));
    }

    @Override
    public Tensor concatenate(Tensor left, Tensor right) {
        return timed("sums, gates, copies", () -> inner.concatenate(left, right));
    }

    @Override
    public Tensor lastRows(Tensor x, int count) {
        return inner.lastRows(x, count);
    }

    @Override
    public void rotate(Tensor x, Rope rope, int firstPosition) {
        long start = clock.getAsLong();
        inner.rotate(x, rope, firstPosition);
        nanos.merge("positions", clock.getAsLong() - start, Long::sum);
    }

    @Override
    public void store(Tensor x, Tensor target, int firstRow) {
        long start = clock.getAsLong();
        inner.store(x, target, firstRow);
        nanos.merge("KV cache", clock.getAsLong() - start, Long::sum);
    }

    @Override
    public Tensor attend(
            Tensor queries, Tensor keys, Tensor values, Optional<Tensor> sinks, Attending rule, int firstPosition) {
        return timed("attention", () -> inner.attend(queries, keys, values, sinks, rule, firstPosition));
    }

    @Override
    public Tensor attendLatent(
            Tensor latentQueries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            Attending rule,
            int firstPosition) {
        return timed(
                "attention",
                () -> inner.attendLatent(latentQueries, ropeQueries, latents, ropeKeys, rule, firstPosition));
    }

    @Override
    public int expandsLatentsFrom(LatentUp up, int ropeSize) {
        return inner.expandsLatentsFrom(up, ropeSize);
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
        return timed(
                "attention",
                () -> inner.attendExpanded(queries, ropeQueries, latents, ropeKeys, up, rule, firstPosition));
    }

    @Override
    public Routing route(Tensor logits, Optional<Tensor> bias, RouterRule rule) {
        return timed("router", () -> inner.route(logits, bias, rule));
    }

    @Override
    public Tensor mixExperts(Tensor x, Routing routing, ExpertWeights experts) {
        boolean[] counted = new boolean[experts.gate().size()];
        for (int expert : routing.experts()) {
            if (!counted[expert]) {
                counted[expert] = true;
                read(experts.gate().get(expert));
                read(experts.up().get(expert));
                read(experts.down().get(expert));
            }
        }
        return timed("experts", () -> inner.mixExperts(x, routing, experts));
    }

    @Override
    public Optional<RowOperations> rowOperations() {
        return inner.rowOperations();
    }

    @Override
    public void close() {
        inner.close();
    }
}
