package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Best;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** Writes operations down instead of doing them. What becomes of the record is for those who extend it. */
abstract sealed class RecordingBackend implements Backend permits MetalBackend, PlanningBackend {
    final List<Node> nodes = new ArrayList<>();
    final Map<Node, Value> results = new IdentityHashMap<>();
    boolean open;
    private final RecordingPictures pictures = new RecordingPictures(this);

    /** Copies numbers out, computing them first. */
    abstract void read(Value value, float[] target, int count);

    /** Rows go from one lasting tensor to another, which no kernel does. */
    abstract void copyLasting(Input from, Input to, int firstRow);

    /** Told of each operation that was recorded. */
    void recorded(Node node) {}

    /** What the processor chose, when it has taken over. */
    Optional<Routing> routingOnCpu(Value experts) {
        return Optional.empty();
    }

    Tensor record(Node node) {
        if (!open) {
            throw new IllegalStateException("no pass is open");
        }
        Value value = Value.resultOf(node, node.shape().size());
        nodes.add(node);
        results.put(node, value);
        for (Input input : node.inputs()) {
            input.value().consumers.add(node);
        }
        recorded(node);
        return new Tensor(node.shape(), new MetalBuffer(this, value));
    }

    /** Forgets the pass that ends: what lasts must not know its readers any more. */
    void forgetRecord() {
        for (Node node : nodes) {
            for (Input input : node.inputs()) {
                if (input.value().lasting) {
                    input.value().consumers.clear();
                }
            }
        }
        nodes.clear();
        results.clear();
    }

    /** As {@link #read}, of whole numbers. */
    int[] readIntegers(Value value) {
        float[] bits = new float[value.size];
        read(value, bits, value.size);
        int[] numbers = new int[value.size];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.floatToRawIntBits(bits[i]);
        }
        return numbers;
    }

    @Override
    public void store(Tensor x, Tensor target, int firstRow) {
        Input from = MetalBuffer.input(x);
        if (from.value().lasting) {
            copyLasting(from, MetalBuffer.input(target), firstRow);
        } else {
            record(new Node.Store(from, MetalBuffer.input(target), firstRow));
        }
    }

    @Override
    public Tensor gather(Weight table, int[] rows) {
        for (int row : rows) {
            if (row < 0 || row >= table.rows()) {
                throw new IllegalArgumentException("token: expected 0 to " + (table.rows() - 1) + ", got " + row);
            }
        }
        return record(new Node.Gather(table, rows.clone()));
    }

    @Override
    public Tensor multiply(Weight weight, Tensor x, Optional<Tensor> bias) {
        require(x.shape().width() == weight.columns(), weight.name(), weight.columns(), x);
        return record(new Node.Multiply(weight, MetalBuffer.input(x), bias.map(MetalBuffer::input)));
    }

    @Override
    public Tensor multiplyEach(WeightStack stack, Tensor x) {
        require(x.shape().width() == stack.columns(), stack.get(0).name(), stack.columns(), x);
        return record(new Node.MultiplyEach(stack, MetalBuffer.input(x), false));
    }

    @Override
    public Tensor multiplyEachTransposed(WeightStack stack, Tensor x) {
        require(x.shape().width() == stack.rows(), stack.get(0).name(), stack.rows(), x);
        return record(new Node.MultiplyEach(stack, MetalBuffer.input(x), true));
    }

    @Override
    public Tensor rmsNorm(Tensor x, Tensor weight, float epsilon) {
        require(
                weight.shape().size() == x.shape().width(),
                "norm",
                weight.shape().size(),
                x);
        return record(new Node.Norm(MetalBuffer.input(x), MetalBuffer.input(weight), epsilon));
    }

    @Override
    public Tensor add(Tensor a, Tensor b) {
        require(a.shape().size() == b.shape().size(), "sum", a.shape().size(), b);
        return record(new Node.Add(MetalBuffer.input(a), MetalBuffer.input(b)));
    }

    @Override
    public Tensor gate(Gating gating, Tensor gate, Tensor up) {
        require(gate.shape().equals(up.shape()), "gate", gate.shape().size(), up);
        return record(new Node.Gate(gating, MetalBuffer.input(gate), MetalBuffer.input(up)));
    }

    @Override
    public Tensor columns(Tensor x, int from, int to) {
        return record(new Node.Columns(MetalBuffer.input(x), from, to));
    }

    @Override
    public Tensor concatenate(Tensor left, Tensor right) {
        return record(new Node.Concatenate(MetalBuffer.input(left), MetalBuffer.input(right)));
    }

    @Override
    public Tensor lastRows(Tensor x, int count) {
        return record(new Node.LastRows(MetalBuffer.input(x), count));
    }

    @Override
    public void rotate(Tensor x, Rope rope, int firstPosition) {
        MetalBuffer buffer = MetalBuffer.of(x);
        Tensor turned = record(new Node.Rotate(MetalBuffer.input(x), rope, firstPosition));
        buffer.replace(MetalBuffer.of(turned).value());
    }

    @Override
    public Tensor attend(
            Tensor queries, Tensor keys, Tensor values, Optional<Tensor> sinks, Attending rule, int firstPosition) {
        boolean ofThisPass = !MetalBuffer.of(keys).value().lasting;
        if (ofThisPass && sinks.isEmpty() && rule.window() == Integer.MAX_VALUE) {
            // The kernel for caches looks at whole tiles of them; behind keys of this pass lies something else.
            return pictures.attend(queries, keys, values, rule.scale(), firstPosition);
        }
        return record(new Node.Attend(
                MetalBuffer.input(queries),
                Optional.empty(),
                MetalBuffer.input(keys),
                Optional.empty(),
                MetalBuffer.input(values),
                sinks.map(MetalBuffer::input),
                rule,
                firstPosition));
    }

    @Override
    public Tensor attendLatent(
            Tensor latentQueries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            Attending rule,
            int firstPosition) {
        return record(new Node.Attend(
                MetalBuffer.input(latentQueries),
                Optional.of(MetalBuffer.input(ropeQueries)),
                MetalBuffer.input(latents),
                Optional.of(MetalBuffer.input(ropeKeys)),
                MetalBuffer.input(latents),
                Optional.empty(),
                rule,
                firstPosition));
    }

    /** In the absorbed form: the GPU has operations to spare, and the latents are read once for all heads. */
    @Override
    public Tensor attendExpanded(
            Tensor queries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            LatentUp up,
            Attending rule,
            int firstPosition) {
        Tensor latentQueries =
                up.keysTransposed() ? multiplyEach(up.keys(), queries) : multiplyEachTransposed(up.keys(), queries);
        return multiplyEach(
                up.values(), attendLatent(latentQueries, ropeQueries, latents, ropeKeys, rule, firstPosition));
    }

    @Override
    public Tensor best(Tensor row, int count) {
        if (count < 1 || count > Best.MOST || count > row.shape().size()) {
            throw new IllegalArgumentException(
                    "best: expected 1 to " + Best.MOST + " of a row, got " + count + " of " + row.shape());
        }
        return record(new Node.Best(MetalBuffer.input(row), count));
    }

    @Override
    public Routing route(Tensor logits, Optional<Tensor> bias, RouterRule rule) {
        Tensor experts = record(new Node.Route(MetalBuffer.input(logits), bias.map(MetalBuffer::input), rule));
        Tensor shares = record(new Node.Shares(MetalBuffer.input(experts)));
        return new MetalRouting(this, experts, shares);
    }

    @Override
    public Tensor mixExperts(Tensor x, Routing routing, ExpertWeights experts) {
        if (!(routing instanceof MetalRouting chosen)) {
            throw new IllegalArgumentException("routing: expected one of the GPU, got " + routing.getClass());
        }
        return record(new Node.Mix(
                MetalBuffer.input(x),
                MetalBuffer.input(chosen.chosenExperts()),
                MetalBuffer.input(chosen.chosenShares()),
                experts));
    }

    @Override
    public Optional<PictureOperations> pictures() {
        return Optional.of(pictures);
    }

    private static void require(boolean fits, String what, int expected, Tensor got) {
        if (!fits) {
            throw new IllegalArgumentException(what + ": expected width " + expected + ", got " + got.shape());
        }
    }
}
