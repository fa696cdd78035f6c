package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.backend.metal.Dispatch.Cost;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** Plans products with dense matrices. */
final class Products {
    private static final int ROWS_PER_SIMDGROUP = 4;
    private static final int SIMDGROUPS = 2;
    static final int ROWS_PER_GROUP = ROWS_PER_SIMDGROUP * SIMDGROUPS;
    static final int FEW_ROWS_THREADS = 32 * SIMDGROUPS;
    static final int TILE = 32;
    static final int TILE_THREADS = 128;
    private static final int MOST_MATRICES = 3;

    private final Planner planner;

    Products(Planner planner) {
        this.planner = planner;
    }

    /**
     * An x that is normed on the way when it is the result of a norm that does not lie in memory.
     *
     * @param norm the norm to do
     */
    record Normed(Place x, Optional<Node.Norm> norm) {
        /** Binds the norm's weight. */
        void bind(Planner planner, DispatchBuilder dispatch, int index) {
            if (norm.isPresent()) {
                dispatch.numbers(index, planner.place(norm.get().weight()).operand());
            } else {
                dispatch.unused(planner.step(), index);
            }
        }

        float epsilon() {
            return norm.map(Node.Norm::epsilon).orElse(0f);
        }
    }

    /** Looks through a norm over whole rows, so that the product does it. */
    Normed normed(Input x) {
        if (!x.value().ready()
                && x.value().producer instanceof Node.Norm norm
                && norm.x().width() == x.width()) {
            return new Normed(planner.place(new Input(norm.x().value(), x.shape())), Optional.of(norm));
        }
        return new Normed(planner.place(x), Optional.empty());
    }

    void embed(Node.Gather gather) {
        Weight table = gather.table();
        int[] rows = gather.rows();
        new DispatchBuilder(Kernel.EMBED, Constants.NONE.with(table.format()))
                .matrix(0, table)
                .numbers(3, planner.step().tokens(rows))
                .result(4, planner.result(gather))
                .parameters(5, new Parameters().matrix(table))
                .grid(rows.length, 1, 1, 128)
                .emit(
                        planner,
                        new Cost(rows.length * WeightSizes.rowBytes(table), 0, 4L * rows.length * table.columns(), 0));
        planner.markDone(gather);
    }

    void multiply(Node.Multiply multiply) {
        if (multiply.x().rows() > Planner.FEW_ROWS) {
            tiles(multiply, Optional.empty(), planner.result(multiply));
            planner.markDone(multiply);
            return;
        }
        List<Node.Multiply> together = companions(multiply);
        few(together, Optional.empty(), together.stream().map(planner::result).toList());
        together.forEach(planner::markDone);
    }

    /** {@code y = residual + x Wᵀ}. */
    void multiplyWithResidual(Node.Multiply multiply, Place residual, Value target) {
        if (multiply.x().rows() > Planner.FEW_ROWS) {
            tiles(multiply, Optional.of(residual), target);
        } else {
            few(List.of(multiply), Optional.of(residual), List.of(target));
        }
    }

    /** Products of the same x that are not planned yet and end up in memory of their own. */
    private List<Node.Multiply> companions(Node.Multiply first) {
        List<Node.Multiply> together = new ArrayList<>(List.of(first));
        for (Node other : first.x().value().consumers) {
            if (together.size() < MOST_MATRICES
                    && other instanceof Node.Multiply multiply
                    && other != first
                    && !planner.isDone(other)
                    && !planner.result(other).ready()
                    && multiply.weight().format().equals(first.weight().format())
                    && multiply.weight().columns() == first.weight().columns()
                    && multiply.x().rows() == first.x().rows()
                    && standsAlone(planner.result(other))) {
                together.add(multiply);
            }
        }
        return together;
    }

    private static boolean standsAlone(Value value) {
        for (Node consumer : value.consumers) {
            if (consumer instanceof Node.Add || consumer instanceof Node.Gate) {
                return false;
            }
        }
        return !value.consumers.isEmpty();
    }

    private void few(List<Node.Multiply> all, Optional<Place> residual, List<Value> targets) {
        Node.Multiply first = all.getFirst();
        int length = first.x().rows();
        Normed x = normed(first.x());
        boolean biased = all.stream().anyMatch(each -> each.bias().isPresent());
        DispatchBuilder dispatch = new DispatchBuilder(
                Kernel.MULTIPLY,
                Constants.NONE
                        .with(first.weight().format())
                        .with(Constants.NORM, x.norm().isPresent())
                        .with(Constants.RESIDUAL, residual.isPresent())
                        .with(Constants.BIAS, biased)
                        .with(Constants.LENGTH, length));
        int blocks = 0;
        int biasMask = 0;
        long weightBytes = 0;
        long outputs = 0;
        for (int i = 0; i < all.size(); i++) {
            Node.Multiply each = all.get(i);
            dispatch.matrix(3 * i, each.weight()).result(15 + i, targets.get(i));
            if (each.bias().isPresent()) {
                dispatch.numbers(12 + i, planner.place(each.bias().get()).operand());
                biasMask |= 1 << i;
            }
            blocks += Math.ceilDiv(each.weight().rows(), ROWS_PER_SIMDGROUP);
            weightBytes += WeightSizes.bytes(each.weight());
            outputs += each.weight().rows();
        }
        x.bind(planner, dispatch, 10);
        residual.ifPresent(place -> dispatch.numbers(11, place.operand()));
        Parameters parameters = new Parameters()
                .number(x.x().stride())
                .number(x.epsilon())
                .number(residual.map(Place::stride).orElse(0))
                .number(all.size())
                .number(biasMask);
        for (int i = 0; i < MOST_MATRICES; i++) {
            if (i < all.size()) {
                parameters.matrix(all.get(i).weight());
            } else {
                parameters.noMatrix();
            }
        }
        int columns = first.weight().columns();
        dispatch.numbers(9, x.x().operand())
                .unused(planner.step(), 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 16, 17)
                .parameters(18, parameters)
                .grid(Math.ceilDiv(blocks, SIMDGROUPS), 1, 1, FEW_ROWS_THREADS)
                .emit(
                        planner,
                        new Cost(weightBytes, 0, 4L * length * (columns + outputs), 2L * length * columns * outputs));
    }

    private void tiles(Node.Multiply multiply, Optional<Place> residual, Value target) {
        Weight weight = multiply.weight();
        int length = multiply.x().rows();
        Place x = planner.place(multiply.x());
        DispatchBuilder dispatch = new DispatchBuilder(
                        Kernel.MULTIPLY_TILES,
                        Constants.NONE
                                .with(weight.format())
                                .with(Constants.RESIDUAL, residual.isPresent())
                                .with(Constants.BIAS, multiply.bias().isPresent()))
                .matrix(0, weight)
                .numbers(3, x.operand())
                .result(6, target);
        residual.ifPresent(place -> dispatch.numbers(4, place.operand()));
        multiply.bias()
                .ifPresent(bias -> dispatch.numbers(5, planner.place(bias).operand()));
        int tilesOfX = Math.ceilDiv(length, TILE);
        dispatch.unused(planner.step(), 4, 5)
                .parameters(
                        7,
                        new Parameters()
                                .number(x.stride())
                                .number(length)
                                .number(residual.map(Place::stride).orElse(0))
                                .matrix(weight))
                .grid(Math.ceilDiv(weight.rows(), TILE), tilesOfX, 1, TILE_THREADS)
                .emit(
                        planner,
                        new Cost(
                                tilesOfX * WeightSizes.bytes(weight),
                                0,
                                4L * length * (weight.columns() + weight.rows()),
                                2L * length * weight.columns() * weight.rows()));
    }

    void multiplyEach(Node.MultiplyEach each) {
        WeightStack stack = each.weights();
        Weight head = stack.get(0);
        int positions = each.x().shape().axis(0);
        Place x = planner.place(each.x());
        Kernel kernel = each.transposed() ? Kernel.MULTIPLY_EACH_TRANSPOSED : Kernel.MULTIPLY_EACH;
        int groups =
                each.transposed() ? Math.ceilDiv(head.columns(), 8 * 32) : Math.ceilDiv(head.rows(), ROWS_PER_GROUP);
        new DispatchBuilder(kernel, Constants.NONE.with(head.format()))
                .stack(0, stack)
                .numbers(3, new Operand.Table(stack))
                .numbers(4, x.operand())
                .result(5, planner.result(each))
                .parameters(
                        6,
                        new Parameters()
                                .number(stack.size())
                                .number(positions)
                                .number(x.stride())
                                .stackMatrix(head))
                .grid(groups, stack.size(), positions, each.transposed() ? 32 : FEW_ROWS_THREADS)
                .emit(
                        planner,
                        new Cost(
                                (long) positions * stack.size() * WeightSizes.bytes(head),
                                0,
                                4L * positions * stack.size() * (head.rows() + head.columns()),
                                2L * positions * stack.size() * head.rows() * head.columns()));
        planner.markDone(each);
    }
}
