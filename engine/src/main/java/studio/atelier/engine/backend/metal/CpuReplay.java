package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * Computes recorded operations on the processor: when the GPU fails in the middle of an answer, the answer goes on. Keys
 * and values are brought over from the memory that both share.
 */
final class CpuReplay {
    private final Backend cpu = CpuBackend.vectorized(Runtime.getRuntime().availableProcessors());
    private final Map<Node, Value> results;
    private final Map<Value, Routing> routings = new java.util.IdentityHashMap<>();
    private final Function<Value, float[]> lasting;

    /**
     * @param results the value of each operation; grows while operations are recorded
     * @param lasting reads a lasting value from shared memory
     */
    CpuReplay(Map<Node, Value> results, Function<Value, float[]> lasting) {
        this.results = results;
        this.lasting = lasting;
    }

    /** From one lasting tensor to another. */
    void copyLasting(Input from, Input to, int firstRow) {
        cpu.store(on(from), on(to), firstRow);
    }

    Backend backend() {
        return cpu;
    }

    /** Computes all of these in their order. */
    void run(List<Node> nodes) {
        for (Node node : nodes) {
            run(node);
        }
    }

    private void run(Node node) {
        Value result = results.get(node);
        Tensor tensor =
                switch (node) {
                    case Node.Gather(var table, int[] rows) -> cpu.gather(table, rows);
                    case Node.Multiply(var weight, Input x, var bias) ->
                        cpu.multiply(weight, on(x), bias.map(this::on));
                    case Node.MultiplyEach(var weights, Input x, boolean transposed) ->
                        transposed ? cpu.multiplyEachTransposed(weights, on(x)) : cpu.multiplyEach(weights, on(x));
                    case Node.Norm(Input x, Input weight, float epsilon) -> cpu.rmsNorm(on(x), on(weight), epsilon);
                    case Node.Add(Input a, Input b) -> cpu.add(on(a), on(b));
                    case Node.Gate(var gating, Input gate, Input up) -> cpu.gate(gating, on(gate), on(up));
                    case Node.Columns(Input x, int from, int to) -> cpu.columns(on(x), from, to);
                    case Node.Concatenate(Input left, Input right) -> cpu.concatenate(on(left), on(right));
                    case Node.LastRows(Input x, int count) -> cpu.lastRows(on(x), count);
                    case Node.Rotate(Input x, var rope, int firstPosition) -> {
                        Tensor copy = cpu.columns(on(x), 0, x.width());
                        cpu.rotate(copy, rope, firstPosition);
                        yield copy;
                    }
                    case Node.Store(Input x, Input target, int firstRow) -> {
                        Tensor into = on(target);
                        cpu.store(on(x), into, firstRow);
                        yield into;
                    }
                    case Node.Attend attend -> attend(attend);
                    case Node.Route(Input logits, var bias, var rule) -> {
                        Routing routing = cpu.route(on(logits), bias.map(this::on), rule);
                        if (result != null) {
                            routings.put(result, routing);
                        }
                        yield cpu.upload(Shape.of(0), new float[0]);
                    }
                    case Node.Best(Input row, int count) -> cpu.best(on(row), count);
                    case PictureWork work -> PictureReplay.run(work, cpu, this::on);
                    case Node.Shares _ -> cpu.upload(Shape.of(0), new float[0]);
                    case Node.Mix(Input x, Input chosen, Input _, var experts) ->
                        cpu.mixExperts(on(x), routing(chosen.value()), onCpu(experts));
                };
        if (result != null && !(node instanceof Node.Store)) {
            result.onCpu = tensor;
        }
    }

    private Tensor attend(Node.Attend attend) {
        if (attend.ropeQueries().isPresent() && attend.ropeKeys().isPresent()) {
            return cpu.attendLatent(
                    on(attend.queries()),
                    on(attend.ropeQueries().get()),
                    on(attend.keys()),
                    on(attend.ropeKeys().get()),
                    attend.rule(),
                    attend.firstPosition());
        }
        return cpu.attend(
                on(attend.queries()),
                on(attend.keys()),
                on(attend.values()),
                attend.sinks().map(this::on),
                attend.rule(),
                attend.firstPosition());
    }

    Routing routing(Value chosen) {
        Routing routing = routings.get(chosen);
        if (routing == null) {
            throw new IllegalStateException("a mixture before its route");
        }
        return routing;
    }

    private ExpertWeights onCpu(ExpertWeights experts) {
        Optional<ExpertWeights.Biases> biases = experts.biases()
                .map(each -> new ExpertWeights.Biases(
                        on(MetalBuffer.input(each.gate())),
                        on(MetalBuffer.input(each.up())),
                        on(MetalBuffer.input(each.down()))));
        return new ExpertWeights(experts.gate(), experts.up(), experts.down(), biases, experts.gating());
    }

    private Tensor on(Input input) {
        Value value = input.value();
        Tensor held = value.onCpu;
        if (held == null) {
            if (!value.lasting) {
                throw new IllegalStateException("an operation before its input");
            }
            held = cpu.upload(Shape.of(value.size), lasting.apply(value));
            value.onCpu = held;
        }
        return new Tensor(input.shape(), held.buffer());
    }
}
