package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import studio.atelier.engine.backend.metal.Dispatch.Cost;
import studio.atelier.engine.tensor.Shape;

/**
 * From recorded operations to dispatches: what is asked for is planned, with what it needs before it, and small
 * operations are joined with the large ones beside them. Norms go into the products that read them, residuals into the
 * products before them, products of the same x into one dispatch, norm, rotary positions and the store into another.
 *
 * <p>Knows shapes only, so the same plan serves to compute and to count.
 */
final class Planner {
    /** Up to this many rows of x every weight is read once per product; beyond, products go by tiles. */
    static final int FEW_ROWS = 8;

    /** How many operations around a row job are looked at for others that can go with it. */
    private static final int NEIGHBOURHOOD = 12;

    private final List<Node> nodes;
    private final Map<Node, Value> results;
    private final Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Dispatch> dispatches = new ArrayList<>();
    private final StepData step;
    private final boolean halfCache;
    private final Products products = new Products(this);
    private final Mixtures mixtures = new Mixtures(this);
    private final RowJobs rowJobs = new RowJobs(this);

    /**
     * @param nodes in the order in which they were recorded
     * @param results the value of each
     * @param step where token and position go
     * @param halfCache whether keys and values lie as half
     */
    Planner(List<Node> nodes, Map<Node, Value> results, StepData step, boolean halfCache) {
        this.nodes = nodes;
        this.results = results;
        this.step = step;
        this.halfCache = halfCache;
    }

    /** Dispatches for the wanted values and all stores among the nodes that were not planned before. */
    List<Dispatch> plan() {
        for (Node node : nodes) {
            if (node instanceof Node.Store || result(node).wanted) {
                require(node);
            }
        }
        return dispatches;
    }

    Value result(Node node) {
        Value value = results.get(node);
        if (value == null) {
            throw new IllegalStateException("operation without a result");
        }
        return value;
    }

    boolean isDone(Node node) {
        return done.contains(node);
    }

    /** From now on the node's result lies in memory. */
    void markDone(Node node) {
        done.add(node);
        result(node).planned = true;
    }

    /** Plans what brings a value into memory, unless it is there. */
    void require(Value value) {
        if (!value.ready() && value.producer != null) {
            require(value.producer);
        }
    }

    private void require(Node node) {
        if (done.contains(node)
                || (!(node instanceof Node.Store) && result(node).ready())) {
            return;
        }
        switch (node) {
            case Node.Gather gather -> products.embed(gather);
            case Node.Multiply multiply -> products.multiply(multiply);
            case Node.MultiplyEach each -> products.multiplyEach(each);
            case Node.Norm _, Node.Rotate _, Node.Store _, Node.Columns _, Node.Concatenate _, Node.LastRows _ ->
                rowJobs.plan(node);
            case Node.Add add -> add(add);
            case Node.Gate gate -> mixtures.gate(gate);
            case Node.Attend attend -> new AttentionPlan(this).plan(attend);
            case Node.Best best -> new BestPlan(this).plan(best);
            case Node.Route route -> mixtures.route(route);
            case Node.Shares shares -> routeOf(shares);
            case Node.Mix mix -> mixtures.mix(mix, new ArrayList<>(), List.of(mix));
            case PictureWork work -> new PicturePlan(this).plan(work);
        }
    }

    /** Shares come with their route, also when the experts lie in memory already. */
    private void routeOf(Node.Shares shares) {
        if (shares.experts().value().producer instanceof Node.Route route) {
            mixtures.route(route);
        }
    }

    /** Where a value's rows lie, planning what is missing. Rows that can't be looked at as they lie are copied. */
    Place place(Input input) {
        Place place = view(input);
        if (place.width() == input.width()) {
            return place;
        }
        if (place.dense()) {
            return new Place(place.value(), place.firstElement(), input.width(), input.width());
        }
        Value copy = rowJobs.copy(place, input.value().size / place.width());
        return new Place(copy, 0, input.width(), input.width());
    }

    /** As {@link #place}, with rows end to end. */
    Place densePlace(Input input) {
        Place place = place(input);
        if (place.dense()) {
            return place;
        }
        Value copy = rowJobs.copy(place, input.rows());
        return new Place(copy, 0, input.width(), input.width());
    }

    private Place view(Input input) {
        Value value = input.value();
        if (!value.ready()) {
            switch (value.producer) {
                case Node.Columns(Input x, int from, int to) -> {
                    Place whole = place(x);
                    return new Place(whole.value(), whole.firstElement() + from, whole.stride(), to - from);
                }
                case Node.LastRows(Input x, int count) -> {
                    Place whole = densePlace(x);
                    int width = x.shape().size() / x.shape().axis(0);
                    long skipped = (long) (x.shape().axis(0) - count) * width;
                    return new Place(whole.value(), whole.firstElement() + skipped, width, width);
                }
                case null, default -> require(value);
            }
        }
        return new Place(value, 0, input.width(), input.width());
    }

    /** A sum takes its addends into the product that makes one of them. */
    private void add(Node.Add add) {
        List<Input> terms = new ArrayList<>();
        List<Node> joined = new ArrayList<>();
        flatten(add, terms, joined);
        for (Input term : terms) {
            if (term.value().producer instanceof Node.Mix mix && isFree(term.value(), joined)) {
                terms.remove(term);
                joined.add(mix);
                mixtures.mix(mix, terms, joined);
                return;
            }
        }
        for (Input term : terms) {
            if (term.value().producer instanceof Node.Multiply multiply && isFree(term.value(), joined)) {
                terms.remove(term);
                Place residual = sum(terms, multiply.shape());
                joined.add(multiply);
                products.multiplyWithResidual(multiply, residual, result(add));
                joined.forEach(this::markJoined);
                markDone(add);
                return;
            }
        }
        Place a = densePlace(add.a());
        Place b = densePlace(add.b());
        addInto(result(add), a, b, add.shape().size());
        markDone(add);
    }

    /** The terms of a sum of sums; inner sums that only this one reads are dissolved. */
    private void flatten(Node.Add add, List<Input> terms, List<Node> joined) {
        joined.add(add);
        for (Input term : add.inputs()) {
            if (term.value().producer instanceof Node.Add inner && isFree(term.value(), joined)) {
                flatten(inner, terms, joined);
            } else {
                terms.add(term);
            }
        }
    }

    /** Whether a value is not in memory and nobody reads it but one of these. */
    boolean isFree(Value value, List<Node> readers) {
        return !value.ready()
                && !value.wanted
                && value.consumers.size() == 1
                && containsIdentity(readers, value.consumers);
    }

    private static boolean containsIdentity(List<Node> readers, List<Node> consumers) {
        for (Node reader : readers) {
            if (reader == consumers.getFirst()) {
                return true;
            }
        }
        return false;
    }

    /** Joined away: its numbers never lie in memory on their own. */
    void markJoined(Node node) {
        done.add(node);
    }

    /** The sum of one or more terms, dense. */
    Place sum(List<Input> terms, Shape shape) {
        Place sum = densePlace(terms.getFirst());
        for (Input term : terms.subList(1, terms.size())) {
            Value next = temporary(shape.size());
            addInto(next, sum, densePlace(term), shape.size());
            sum = new Place(next, 0, shape.width(), shape.width());
        }
        return new Place(sum.value(), sum.firstElement(), shape.width(), shape.width());
    }

    private void addInto(Value target, Place a, Place b, int count) {
        new DispatchBuilder(Kernel.ADD, Constants.NONE)
                .numbers(0, a.operand())
                .numbers(1, b.operand())
                .result(2, target)
                .parameters(3, new Parameters().number(count).number(0f).number(0f))
                .grid(Math.ceilDiv(count, 256), 1, 1, 256)
                .emit(this, new Cost(0, 0, 12L * count, count));
    }

    /** Numbers that live inside the plan only. */
    Value temporary(int size) {
        Value value = Value.resultOf(null, size);
        value.planned = true;
        return value;
    }

    void emit(Dispatch dispatch) {
        dispatches.add(dispatch);
    }

    /** Operations recorded shortly before and after one. */
    List<Node> neighbours(Node node) {
        int at = indexOf(node);
        return nodes.subList(Math.max(0, at - NEIGHBOURHOOD), Math.min(nodes.size(), at + NEIGHBOURHOOD));
    }

    private int indexOf(Node node) {
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i) == node) {
                return i;
            }
        }
        return 0;
    }

    StepData step() {
        return step;
    }

    boolean halfCache() {
        return halfCache;
    }
}
