package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Optional;
import studio.atelier.engine.backend.metal.Dispatch.Cost;
import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/** Plans operations on pictures: a dispatch each, two for norms over groups, one per part of a stack. */
final class PicturePlan {
    /** Of channels that are normed together; as many as the kernel has room for. */
    static final int MOST_GROUPS = 256;

    private static final int THREADS = 256;
    private static final int TILE = 32;
    private static final int TILE_THREADS = 128;
    /** Value columns of one threadgroup of attention. */
    private static final int COLUMNS = 128;

    /** Numbers of a group that one threadgroup sums up. */
    private static final int NUMBERS_PER_PART = 1 << 14;

    private static final int MOST_PARTS = 64;
    private static final int NORM_NUMBERS = 1 << 13;

    private static final int MODULATE = 3;
    private static final int ADD_GATED = 4;

    private final Planner planner;

    PicturePlan(Planner planner) {
        this.planner = planner;
    }

    void plan(PictureWork work) {
        Value target = planner.result(work);
        switch (work) {
            case PictureWork.Convolve convolve -> convolve(convolve, target);
            case PictureWork.GroupNorm norm -> groupNorm(norm, target);
            case PictureWork.LayerNorm norm -> layerNorm(norm, target);
            case PictureWork.Activate(Input x, Activation activation) ->
                elements(activation.ordinal(), x, List.of(), Optional.empty(), target);
            case PictureWork.Modulate(Input x, Input shift, Input scale) ->
                elements(MODULATE, x, List.of(scale, shift), Optional.empty(), target);
            case PictureWork.AddGated(Input x, Input gate, Input y) ->
                elements(ADD_GATED, x, List.of(gate), Optional.of(y), target);
            case PictureWork.Doubled(Input x) -> doubled(x, target);
            case PictureWork.AttendAll attend -> attend(attend, target);
            case PictureWork.Turn turn -> turn(turn, target);
            case PictureWork.Rows(Input x, int from, int to) -> {
                int row = x.shape().size() / Math.max(1, x.shape().axis(0));
                copy(planner.densePlace(x), (long) from * row, (to - from) * row, target, 0);
            }
            case PictureWork.Stack(List<Input> parts) -> {
                long at = 0;
                for (Input part : parts) {
                    copy(planner.densePlace(part), 0, part.shape().size(), target, at);
                    at += part.shape().size();
                }
            }
        }
        planner.markDone(work);
    }

    private void convolve(PictureWork.Convolve convolve, Value target) {
        Weight filter = convolve.filter();
        Window window = convolve.window();
        Shape from = convolve.x().shape();
        Shape to = convolve.shape();
        int pixels = to.axis(0) * to.axis(1);
        DispatchBuilder dispatch = new DispatchBuilder(
                        Kernel.CONVOLVE,
                        Constants.NONE
                                .with(filter.format())
                                .with(Constants.BIAS, convolve.bias().isPresent()))
                .matrix(0, filter)
                .numbers(3, planner.densePlace(convolve.x()).operand())
                .result(5, target);
        convolve.bias()
                .ifPresent(bias -> dispatch.numbers(4, planner.place(bias).operand()));
        dispatch.unused(planner.step(), 4)
                .parameters(
                        6,
                        new Parameters()
                                .number(from.axis(0))
                                .number(from.axis(1))
                                .number(from.width())
                                .number(to.axis(1))
                                .number(pixels)
                                .number(window.width())
                                .number(window.stride())
                                .number(window.before())
                                .matrix(filter))
                .grid(Math.ceilDiv(filter.rows(), TILE), Math.ceilDiv(pixels, TILE), 1, TILE_THREADS)
                .emit(
                        planner,
                        new Cost(
                                Math.ceilDiv(pixels, TILE) * WeightSizes.bytes(filter),
                                0,
                                4L * (from.size() + to.size()),
                                2L * pixels * filter.rows() * filter.columns()));
    }

    /** Mean and spread of parts of each group, then the norm, which joins them. */
    private void groupNorm(PictureWork.GroupNorm norm, Value target) {
        int rows = norm.x().rows();
        int channels = norm.x().width();
        int size = channels / norm.groups();
        int parts = Math.clamp((long) rows * size / NUMBERS_PER_PART, 1, Math.min(rows, MOST_PARTS));
        int rowsOfPart = Math.ceilDiv(rows, parts);
        int used = Math.ceilDiv(rows, rowsOfPart);
        Place x = planner.densePlace(norm.x());
        Value moments = planner.temporary(2 * norm.groups() * used);
        long numbers = (long) rows * channels;
        new DispatchBuilder(Kernel.GROUP_MOMENTS, Constants.NONE)
                .numbers(0, x.operand())
                .result(1, moments)
                .parameters(
                        2,
                        new Parameters()
                                .number(rows)
                                .number(channels)
                                .number(size)
                                .number(rowsOfPart)
                                .number(used)
                                .number(0f)
                                .number(0))
                .grid(norm.groups(), used, 1, THREADS)
                .emit(planner, new Cost(0, 0, 8 * numbers, 4 * numbers));
        int rowsOfGroup = Math.clamp(NORM_NUMBERS / channels, 1, rows);
        new DispatchBuilder(Kernel.GROUP_NORM, Constants.NONE)
                .numbers(0, x.operand())
                .numbers(1, new Operand.Numbers(moments, 0, false))
                .numbers(2, planner.place(norm.weight()).operand())
                .numbers(3, planner.place(norm.bias()).operand())
                .result(4, target)
                .parameters(
                        5,
                        new Parameters()
                                .number(rows)
                                .number(channels)
                                .number(size)
                                .number(rowsOfPart)
                                .number(used)
                                .number(norm.epsilon())
                                .number(norm.then().ordinal()))
                .grid(Math.ceilDiv(rows, rowsOfGroup), 1, 1, THREADS)
                .emit(planner, new Cost(0, 0, 8 * numbers, 8 * numbers));
    }

    private void layerNorm(PictureWork.LayerNorm norm, Value target) {
        int rows = norm.x().rows();
        int width = norm.x().width();
        Place x = planner.place(norm.x());
        DispatchBuilder dispatch = new DispatchBuilder(Kernel.LAYER_NORM, Constants.NONE)
                .numbers(0, x.operand())
                .result(3, target);
        norm.weight()
                .ifPresent(weight -> dispatch.numbers(1, planner.place(weight).operand()));
        norm.bias().ifPresent(bias -> dispatch.numbers(2, planner.place(bias).operand()));
        dispatch.unused(planner.step(), 1, 2)
                .parameters(
                        4,
                        new Parameters()
                                .number(rows)
                                .number(width)
                                .number(x.stride())
                                .number(norm.epsilon())
                                .flag(norm.weight().isPresent())
                                .flag(norm.bias().isPresent()))
                .grid(Math.ceilDiv(rows, TILE_THREADS / 32), 1, 1, TILE_THREADS)
                .emit(planner, new Cost(0, 0, 8L * rows * width, 8L * rows * width));
    }

    /** {@code byColumn} are rows that serve all rows of x: a factor, and an addend. */
    private void elements(int kind, Input x, List<Input> byColumn, Optional<Input> y, Value target) {
        int count = x.shape().size();
        DispatchBuilder dispatch = new DispatchBuilder(Kernel.CHANGE_ELEMENTS, Constants.NONE)
                .numbers(0, planner.densePlace(x).operand())
                .result(4, target);
        y.ifPresent(other -> dispatch.numbers(1, planner.densePlace(other).operand()));
        for (int i = 0; i < byColumn.size(); i++) {
            dispatch.numbers(2 + i, planner.densePlace(byColumn.get(i)).operand());
        }
        dispatch.unused(planner.step(), 1, 2, 3)
                .parameters(5, new Parameters().number(count).number(x.width()).number(kind))
                .grid(Math.ceilDiv(count, THREADS), 1, 1, THREADS)
                .emit(planner, new Cost(0, 0, (y.isPresent() ? 12L : 8L) * count, 4L * count));
    }

    private void doubled(Input x, Value target) {
        int count = 4 * x.shape().size();
        new DispatchBuilder(Kernel.DOUBLE_PIXELS, Constants.NONE)
                .numbers(0, planner.densePlace(x).operand())
                .result(1, target)
                .parameters(
                        2,
                        new Parameters().number(count).number(x.shape().axis(1)).number(x.width()))
                .grid(Math.ceilDiv(count, THREADS), 1, 1, THREADS)
                .emit(planner, new Cost(0, 0, 5L * count, count));
    }

    private void turn(PictureWork.Turn turn, Value target) {
        Shape shape = turn.x().shape();
        int pairs = shape.size() / 2;
        new DispatchBuilder(Kernel.TURN_PAIRS, Constants.NONE)
                .numbers(0, planner.densePlace(turn.x()).operand())
                .numbers(1, planner.place(turn.cosines()).operand())
                .numbers(2, planner.place(turn.sines()).operand())
                .result(3, target)
                .parameters(
                        4,
                        new Parameters().number(pairs).number(shape.width() / 2).number(shape.axis(1)))
                .grid(Math.ceilDiv(pairs, THREADS), 1, 1, THREADS)
                .emit(planner, new Cost(0, 0, 16L * pairs, 6L * pairs));
    }

    private void copy(Place from, long firstElement, int count, Value target, long at) {
        if (count == 0) {
            return;
        }
        new DispatchBuilder(Kernel.COPY_ELEMENTS, Constants.NONE)
                .numbers(0, new Operand.Numbers(from.value(), from.firstElement() + firstElement, false))
                .numbers(1, new Operand.Numbers(target, at, true))
                .parameters(2, new Parameters().number(count))
                .grid(Math.ceilDiv(count, THREADS), 1, 1, THREADS)
                .emit(planner, new Cost(0, 0, 8L * count, count));
    }

    private void attend(PictureWork.AttendAll attend, Value target) {
        int length = attend.queries().shape().axis(0);
        int heads = attend.queries().shape().axis(1);
        int size = attend.queries().width();
        int keyHeads = attend.keys().shape().axis(1);
        int parts = Math.ceilDiv(size, COLUMNS);
        long pairs = (long) length * heads * attend.keyCount();
        new DispatchBuilder(
                        Kernel.ATTEND_ALL,
                        Constants.NONE.with(Constants.BLOCKS, Math.ceilDiv(Math.min(size, COLUMNS), 8)))
                .numbers(0, planner.densePlace(attend.queries()).operand())
                .numbers(1, planner.densePlace(attend.keys()).operand())
                .numbers(2, planner.densePlace(attend.values()).operand())
                .result(3, target)
                .parameters(
                        4,
                        new Parameters()
                                .number(length)
                                .number(attend.keyCount())
                                .number(heads)
                                .number(keyHeads)
                                .number(size)
                                .number(attend.first())
                                .number(attend.scale()))
                .grid(Math.ceilDiv(length, TILE), heads, parts, TILE_THREADS)
                .emit(
                        planner,
                        new Cost(
                                0,
                                8L * attend.keyCount() * keyHeads * size,
                                8L * length * heads * size,
                                2L * pairs * size * (parts + 1)));
    }
}
