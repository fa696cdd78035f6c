package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.backend.metal.Dispatch.Cost;
import studio.atelier.engine.tensor.Rope;

/** Plans what happens to rows between products: norm, rotary positions, the store into the cache. */
final class RowJobs {
    private static final int MOST_JOBS = 3;
    /** Of the struct Job. */
    private static final int JOB_FIELDS = 12;

    private static final int SIMDGROUPS = 4;

    private final Planner planner;

    RowJobs(Planner planner) {
        this.planner = planner;
    }

    /**
     * Rows that are normed, turned and laid down, each when asked.
     *
     * @param rowsPerPosition heads
     * @param target what receives them
     * @param targetAt elements of the target before the first row
     * @param firstRow the cache's row that receives the first position; -1 when it is no cache
     */
    private record Job(
            Place source,
            int rows,
            int rowsPerPosition,
            Optional<Node.Norm> norm,
            Optional<Node.Rotate> turn,
            Value target,
            int targetAt,
            int targetStride,
            int firstRow) {
        int length() {
            return rows / rowsPerPosition;
        }

        boolean isStore() {
            return firstRow >= 0;
        }

        /** Elements that one position takes in a cache. */
        int positionWidth() {
            return isStore() ? rowsPerPosition * targetStride : 0;
        }
    }

    /** Plans the node together with neighbours that lay down rows too. */
    void plan(Node node) {
        if (node instanceof Node.Concatenate both) {
            concatenate(both);
            return;
        }
        List<Job> jobs = new ArrayList<>(List.of(job(node)));
        planner.markDone(node);
        for (Node other : planner.neighbours(node)) {
            if (jobs.size() < MOST_JOBS && goesAlong(other, node instanceof Node.Store) && agrees(other, jobs)) {
                jobs.add(job(other));
                planner.markDone(other);
            }
        }
        emit(jobs);
    }

    /**
     * Stores and turns whose source lies in memory, or is only products away from there, and that are not a step of
     * another store. Anything farther may depend on what the store in hand is for. The products may themselves need a row
     * job, so only a store, which nothing waits for, lets them go first.
     */
    private boolean goesAlong(Node other, boolean afterProducts) {
        if (planner.isDone(other)) {
            return false;
        }
        return switch (other) {
            case Node.Store store -> sourceIsReady(store.x(), afterProducts);
            case Node.Rotate rotate ->
                !planner.result(rotate).ready() && !isStepOfStore(rotate) && sourceIsReady(rotate.x(), afterProducts);
            default -> false;
        };
    }

    /** One dispatch stores behind one position. */
    private static boolean agrees(Node other, List<Job> jobs) {
        return !(other instanceof Node.Store store)
                || jobs.stream().allMatch(job -> !job.isStore() || job.firstRow() == store.firstRow());
    }

    private boolean isStepOfStore(Node.Rotate rotate) {
        List<Node> consumers = planner.result(rotate).consumers;
        return consumers.isEmpty() || (consumers.size() == 1 && consumers.getFirst() instanceof Node.Store);
    }

    private boolean sourceIsReady(Input input, boolean afterProducts) {
        Value value = input.value();
        if (value.ready()) {
            return true;
        }
        return switch (value.producer) {
            case Node.Rotate rotate -> sourceIsReady(rotate.x(), afterProducts);
            case Node.Norm norm -> sourceIsReady(norm.x(), afterProducts);
            case Node.Columns columns -> sourceIsReady(columns.x(), afterProducts);
            case Node.Multiply multiply -> afterProducts && sourceIsReady(multiply.x(), true);
            case null, default -> false;
        };
    }

    private Job job(Node node) {
        return switch (node) {
            case Node.Store(Input x, Input target, int firstRow) ->
                job(chain(x, List.of(node), true), target.value(), firstRow);
            case Node.Rotate rotate ->
                job(chain(rotate.x(), List.of(node), false).turned(rotate), planner.result(node), -1);
            case Node.Norm norm ->
                job(new Chain(norm.x(), Optional.of(norm), Optional.empty()), planner.result(node), -1);
            case Node.Columns(Input x, int from, int to) -> {
                Place whole = planner.place(x);
                Place part = new Place(whole.value(), whole.firstElement() + from, whole.stride(), to - from);
                yield copyJob(part, x.rows(), planner.result(node));
            }
            case Node.LastRows(Input x, int count) -> {
                Place whole = planner.densePlace(x);
                int width = x.shape().size() / x.shape().axis(0);
                long skipped = (long) (x.shape().axis(0) - count) * width;
                Place part = new Place(whole.value(), whole.firstElement() + skipped, width, width);
                yield copyJob(part, count, planner.result(node));
            }
            default -> throw new IllegalStateException("not a job for rows: " + node.getClass());
        };
    }

    /** Steps before a store that nothing else reads. */
    private record Chain(Input source, Optional<Node.Norm> norm, Optional<Node.Rotate> turn) {
        Chain turned(Node.Rotate rotate) {
            return new Chain(source, norm, Optional.of(rotate));
        }
    }

    private Chain chain(Input x, List<Node> readers, boolean mayTurn) {
        Optional<Node.Rotate> turn = Optional.empty();
        Input source = x;
        if (mayTurn
                && source.value().producer instanceof Node.Rotate rotate
                && planner.isFree(source.value(), readers)
                && rotate.x().width() == x.width()) {
            turn = Optional.of(rotate);
            planner.markJoined(rotate);
            readers = List.of(rotate);
            source = rotate.x();
        }
        if (source.value().producer instanceof Node.Norm norm
                && planner.isFree(source.value(), readers)
                && norm.x().width() == source.width()) {
            planner.markJoined(norm);
            return new Chain(norm.x(), Optional.of(norm), turn);
        }
        return new Chain(source, Optional.empty(), turn);
    }

    private Job job(Chain chain, Value target, int firstRow) {
        Input rows = chain.turn().map(Node.Rotate::x).orElse(chain.source());
        Place source = planner.place(new Input(chain.source().value(), rows.shape()));
        int perPosition = Math.max(1, rows.rows() / rows.shape().axis(0));
        return new Job(source, rows.rows(), perPosition, chain.norm(), chain.turn(), target, 0, rows.width(), firstRow);
    }

    private static Job copyJob(Place source, int rows, Value target) {
        return new Job(source, rows, 1, Optional.empty(), Optional.empty(), target, 0, source.width(), -1);
    }

    /** The rows end to end in memory of their own. */
    Value copy(Place source, int rows) {
        Value copy = planner.temporary(Math.multiplyExact(rows, source.width()));
        emit(List.of(copyJob(source, rows, copy)));
        return copy;
    }

    private void concatenate(Node.Concatenate both) {
        Place left = planner.place(both.left());
        Place right = planner.place(both.right());
        int width = left.width() + right.width();
        Value target = planner.result(both);
        int rows = both.left().rows();
        emit(List.of(
                new Job(left, rows, 1, Optional.empty(), Optional.empty(), target, 0, width, -1),
                new Job(right, rows, 1, Optional.empty(), Optional.empty(), target, left.width(), width, -1)));
        planner.markDone(both);
    }

    private void emit(List<Job> jobs) {
        DispatchBuilder dispatch =
                new DispatchBuilder(Kernel.ARRANGE, Constants.NONE.with(Constants.HALF_CACHE, planner.halfCache()));
        Parameters parameters = new Parameters();
        int rows = 0;
        long elements = 0;
        for (int i = 0; i < MOST_JOBS; i++) {
            if (i < jobs.size()) {
                Job job = jobs.get(i);
                bind(dispatch, 4 * i, job);
                parameters(parameters, job);
                rows += job.rows();
                elements += (long) job.rows() * job.source().width();
            } else {
                dispatch.unused(planner.step(), 4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3);
                for (int field = 0; field < JOB_FIELDS; field++) {
                    parameters.number(0);
                }
            }
        }
        Operand.Step position = jobs.stream()
                .filter(Job::isStore)
                .findFirst()
                .map(job -> planner.step().position(job.firstRow()))
                .orElse(planner.step().zeros());
        dispatch.numbers(13, position)
                .parameters(12, parameters)
                .grid(Math.ceilDiv(rows, SIMDGROUPS), 1, 1, 32 * SIMDGROUPS)
                .emit(planner, new Cost(0, 0, 8 * elements, 6 * elements));
    }

    private void bind(DispatchBuilder dispatch, int index, Job job) {
        dispatch.numbers(index, job.source().operand()).result(index + 3, job.target());
        job.norm()
                .ifPresent(norm ->
                        dispatch.numbers(index + 1, planner.place(norm.weight()).operand()));
        job.turn().ifPresent(turn -> {
            Rope rope = turn.rope();
            dispatch.numbers(index + 2, planner.step().turns(rope, turn.firstPosition(), job.length()));
        });
        dispatch.unused(planner.step(), index + 1, index + 2);
    }

    private static void parameters(Parameters parameters, Job job) {
        Optional<Rope> rope = job.turn().map(Node.Rotate::rope);
        parameters
                .number(job.rows())
                .number(job.rowsPerPosition())
                .number(job.source().width())
                .number(job.source().stride())
                .number(job.targetStride())
                .number(job.targetAt())
                .number(job.positionWidth())
                .flag(job.norm().isPresent())
                .number(job.norm().map(Node.Norm::epsilon).orElse(0f))
                .number(rope.map(each -> each.inverseFrequencies().length).orElse(0))
                .flag(rope.map(each -> each.pairing() == Rope.Pairing.INTERLEAVED)
                        .orElse(false))
                .flag(job.target().cacheTyped);
    }
}
