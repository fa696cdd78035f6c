package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.metal.Dispatch.Cost;
import studio.atelier.engine.backend.metal.Products.Normed;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.Gating;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Weight;

/** Plans gated layers: dense ones, and mixtures of experts with a shared expert beside them. */
final class Mixtures {
    private final Planner planner;
    private final Products products;

    Mixtures(Planner planner) {
        this.planner = planner;
        this.products = new Products(planner);
    }

    /** A dense gated layer, as the nodes that make it up. */
    private record Dense(Node.Multiply gate, Node.Multiply up, Node.Gate join, Node.@Nullable Multiply down) {}

    void route(Node.Route route) {
        RouterRule rule = route.rule();
        int positions = route.logits().rows();
        int experts = route.logits().width();
        Place logits = planner.densePlace(route.logits());
        DispatchBuilder dispatch = new DispatchBuilder(
                        Kernel.ROUTE,
                        Constants.NONE.with(Constants.BIAS, route.bias().isPresent()))
                .numbers(0, logits.operand())
                .result(2, planner.result(route))
                .result(3, sharesOf(route));
        route.bias().ifPresent(bias -> dispatch.numbers(1, planner.place(bias).operand()));
        int roundedBytes = Math.ceilDiv(4 * experts, 16) * 16;
        dispatch.unused(planner.step(), 1)
                .parameters(
                        4,
                        new Parameters()
                                .number(experts)
                                .number(rule.chosen())
                                .number(rule.groups())
                                .number(rule.keptGroups())
                                .flag(rule.groupScore() == RouterRule.GroupScore.TWO_BEST)
                                .flag(rule.score() == RouterRule.Score.SIGMOID)
                                .flag(rule.normalized())
                                .number(rule.factor()))
                .grid(positions, 1, 1, 32)
                .threadgroup(roundedBytes, roundedBytes, Math.ceilDiv(4 * rule.groups(), 16) * 16)
                .emit(
                        planner,
                        new Cost(0, 0, 4L * positions * (experts + 2 * rule.chosen()), 8L * positions * experts));
        planner.markDone(route);
    }

    /** The value of the shares that belong to a route. */
    private Value sharesOf(Node.Route route) {
        for (Node consumer : planner.result(route).consumers) {
            if (consumer instanceof Node.Shares shares) {
                planner.markDone(shares);
                return planner.result(shares);
            }
        }
        throw new IllegalStateException("a route without shares");
    }

    /** {@code gate(x Wgᵀ, x Wuᵀ)}, in one dispatch when both products exist for it alone and x has few rows. */
    void gate(Node.Gate gate) {
        Optional<Dense> dense = dense(gate);
        if (dense.isPresent() && gate.gate().rows() <= Planner.FEW_ROWS) {
            GateUp all = new GateUp(
                    products.normed(dense.get().gate().x()), gate.gate().rows());
            all.shared(dense.get(), planner.result(gate));
            all.emit(gate.gating());
            planner.markJoined(dense.get().gate());
            planner.markJoined(dense.get().up());
        } else {
            Place first = planner.densePlace(gate.gate());
            Place second = planner.densePlace(gate.up());
            int count = gate.shape().size();
            new DispatchBuilder(Kernel.JOIN_GATE, Constants.NONE.with(gate.gating()))
                    .numbers(0, first.operand())
                    .numbers(1, second.operand())
                    .result(2, planner.result(gate))
                    .parameters(3, gatingNumbers(new Parameters().number(count), gate.gating()))
                    .grid(Math.ceilDiv(count, 256), 1, 1, 256)
                    .emit(planner, new Cost(0, 0, 12L * count, 6L * count));
        }
        planner.markDone(gate);
    }

    private static Parameters gatingNumbers(Parameters parameters, Gating gating) {
        return switch (gating) {
            case Gating.SwiGlu _ -> parameters.number(0f).number(0f);
            case Gating.ClampedSwiGlu(float limit, float slope) ->
                parameters.number(limit).number(slope);
        };
    }

    private Optional<Dense> dense(Node.Gate gate) {
        if (gate.gate().value().producer instanceof Node.Multiply first
                && gate.up().value().producer instanceof Node.Multiply second
                && first.x().value() == second.x().value()
                && first.bias().isEmpty()
                && second.bias().isEmpty()
                && first.weight().format().equals(second.weight().format())
                && planner.isFree(gate.gate().value(), List.of(gate))
                && planner.isFree(gate.up().value(), List.of(gate))) {
            return Optional.of(new Dense(first, second, gate, null));
        }
        return Optional.empty();
    }

    /** The terms' dense gated layer over the same x as the mixture, when there is one: the shared expert. */
    private Optional<Dense> sharedExpert(Node.Mix mix, List<Input> terms, List<Node> readers) {
        for (Input term : terms) {
            if (term.value().producer instanceof Node.Multiply down
                    && planner.isFree(term.value(), readers)
                    && down.bias().isEmpty()
                    && down.x().value().producer instanceof Node.Gate gate
                    && planner.isFree(down.x().value(), List.of(down))
                    && gate.gating().equals(mix.experts().gating())
                    && down.weight().format().equals(mix.experts().down().get(0).format())) {
                Optional<Dense> found = dense(gate)
                        .filter(dense -> dense.gate().x().value() == mix.x().value())
                        .filter(dense -> dense.gate()
                                .weight()
                                .format()
                                .equals(mix.experts().gate().get(0).format()));
                if (found.isPresent()) {
                    terms.remove(term);
                    return found.map(dense -> new Dense(dense.gate(), dense.up(), dense.join(), down));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The mixture and what is added to it.
     *
     * @param terms the other addends
     * @param joined the sum's nodes, the outermost first, and the mixture
     */
    void mix(Node.Mix mix, List<Input> terms, List<Node> joined) {
        Node outermost = joined.getFirst();
        ExpertWeights experts = mix.experts();
        if (!experts.gate().get(0).format().equals(experts.up().get(0).format())) {
            throw new IllegalArgumentException(experts.gate().get(0).name() + ": expected the format of "
                    + experts.up().get(0).name() + ", got "
                    + experts.gate().get(0).format().label());
        }
        boolean few = mix.x().rows() <= Planner.FEW_ROWS;
        Optional<Dense> shared = few ? sharedExpert(mix, terms, joined) : Optional.empty();
        Optional<Place> residual = terms.isEmpty() ? Optional.empty() : Optional.of(planner.sum(terms, mix.shape()));
        planner.require(mix.chosen().value());
        Value target = planner.result(outermost);
        if (few) {
            decode(mix, shared, residual, target);
        } else {
            prefill(mix, residual, target);
        }
        joined.forEach(planner::markJoined);
        shared.ifPresent(dense -> {
            planner.markJoined(dense.gate());
            planner.markJoined(dense.up());
            planner.markJoined(dense.join());
            if (dense.down() != null) {
                planner.markJoined(dense.down());
            }
        });
        planner.markDone(outermost);
    }

    /** Gate and up in one dispatch: routed experts, a dense layer, or both. */
    private final class GateUp {
        private final Normed x;
        private final int positions;
        private final Parameters parameters = new Parameters();
        private Node.@Nullable Mix mix;
        private @Nullable Dense dense;
        private @Nullable Value routedTarget;
        private @Nullable Value denseTarget;

        GateUp(Normed x, int positions) {
            this.x = x;
            this.positions = positions;
        }

        void routed(Node.Mix node, Value target) {
            mix = node;
            routedTarget = target;
        }

        void shared(Dense layer, Value target) {
            dense = layer;
            denseTarget = target;
        }

        void emit(Gating gating) {
            int chosen = 0;
            int rows = 0;
            int columns = 0;
            long weightBytes = 0;
            long outputs = 0;
            boolean biased = false;
            Constants constants = Constants.NONE
                    .with(gating)
                    .with(Constants.NORM, x.norm().isPresent())
                    .with(Constants.SHARED, dense != null);
            DispatchBuilder all = new DispatchBuilder(Kernel.GATE_UP, constants);
            if (mix != null && routedTarget != null) {
                ExpertWeights experts = mix.experts();
                chosen = mix.chosen().width();
                Weight gate = experts.gate().get(0);
                biased = experts.biases().isPresent();
                all = new DispatchBuilder(
                        Kernel.GATE_UP, constants.with(gate.format()).with(Constants.BIAS, biased));
                all.stack(0, experts.gate())
                        .stack(3, experts.up())
                        .numbers(6, new Operand.Table(experts.gate()))
                        .numbers(7, new Operand.Table(experts.up()))
                        .numbers(8, planner.densePlace(mix.chosen()).operand())
                        .result(13, routedTarget);
                rows = gate.rows();
                columns = gate.columns();
                weightBytes += (long) positions * chosen * 2 * WeightSizes.bytes(gate);
                outputs += (long) chosen * gate.rows();
            } else if (dense != null) {
                all = new DispatchBuilder(
                        Kernel.GATE_UP, constants.with(dense.gate().weight().format()));
            }
            if (dense != null && denseTarget != null) {
                Weight gate = dense.gate().weight();
                all.matrix(14, gate).matrix(17, dense.up().weight()).result(20, denseTarget);
                rows = Math.max(rows, gate.rows());
                columns = gate.columns();
                weightBytes += (long) positions * 2 * WeightSizes.bytes(gate);
                outputs += gate.rows();
            }
            bindBiases(all);
            x.bind(planner, all, 10);
            parameters.number(chosen).number(x.x().stride()).number(x.epsilon());
            gatingNumbers(parameters, gating);
            matrices();
            all.numbers(9, x.x().operand())
                    .unused(planner.step(), 0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
                    .parameters(21, parameters)
                    .grid(
                            Math.ceilDiv(rows, Products.ROWS_PER_GROUP),
                            positions * (chosen + (dense == null ? 0 : 1)),
                            1,
                            Products.FEW_ROWS_THREADS)
                    .emit(
                            planner,
                            new Cost(
                                    weightBytes,
                                    0,
                                    4L * positions * (columns + outputs),
                                    4L * positions * columns * outputs));
        }

        private void bindBiases(DispatchBuilder all) {
            if (mix != null && mix.experts().biases().isPresent()) {
                ExpertWeights.Biases biases = mix.experts().biases().get();
                all.numbers(11, MetalBuffer.numbers(biases.gate())).numbers(12, MetalBuffer.numbers(biases.up()));
            }
        }

        private void matrices() {
            if (mix != null) {
                parameters
                        .stackMatrix(mix.experts().gate().get(0))
                        .stackMatrix(mix.experts().up().get(0));
            } else if (dense != null) {
                // Never read, but its width counts.
                parameters
                        .stackMatrix(dense.gate().weight())
                        .stackMatrix(dense.up().weight());
            }
            if (dense != null) {
                parameters.matrix(dense.gate().weight()).matrix(dense.up().weight());
            } else {
                parameters.noMatrix().noMatrix();
            }
        }
    }

    private void decode(Node.Mix mix, Optional<Dense> shared, Optional<Place> residual, Value target) {
        ExpertWeights experts = mix.experts();
        int positions = mix.x().rows();
        int chosen = mix.chosen().width();
        Weight downWeight = experts.down().get(0);
        Value inner = planner.temporary(positions * chosen * experts.gate().rows());
        Value sharedInner = planner.temporary(
                shared.map(dense -> positions * dense.gate().weight().rows()).orElse(4));
        GateUp gateUp = new GateUp(products.normed(mix.x()), positions);
        gateUp.routed(mix, inner);
        shared.ifPresent(dense -> gateUp.shared(dense, sharedInner));
        gateUp.emit(experts.gating());
        DispatchBuilder dispatch = new DispatchBuilder(
                        Kernel.DOWN,
                        Constants.NONE
                                .with(downWeight.format())
                                .with(Constants.SHARED, shared.isPresent())
                                .with(Constants.RESIDUAL, residual.isPresent())
                                .with(Constants.BIAS, experts.biases().isPresent()))
                .stack(0, experts.down())
                .numbers(3, new Operand.Table(experts.down()))
                .numbers(4, planner.densePlace(mix.chosen()).operand())
                .numbers(5, planner.densePlace(mix.shares()).operand())
                .numbers(6, new Operand.Numbers(inner, 0, false))
                .result(13, target);
        experts.biases().ifPresent(biases -> dispatch.numbers(7, MetalBuffer.numbers(biases.down())));
        Parameters parameters = new Parameters()
                .number(chosen)
                .number(residual.map(Place::stride).orElse(0))
                .stackMatrix(downWeight);
        long weightBytes = (long) positions * chosen * WeightSizes.bytes(downWeight);
        long inputs = (long) chosen * downWeight.columns();
        if (shared.isPresent() && shared.get().down() != null) {
            Weight sharedDown = shared.get().down().weight();
            dispatch.matrix(8, sharedDown).numbers(11, new Operand.Numbers(sharedInner, 0, false));
            parameters.matrix(sharedDown);
            weightBytes += (long) positions * WeightSizes.bytes(sharedDown);
            inputs += sharedDown.columns();
        } else {
            parameters.noMatrix();
        }
        residual.ifPresent(place -> dispatch.numbers(12, place.operand()));
        dispatch.unused(planner.step(), 7, 8, 9, 10, 11, 12)
                .parameters(14, parameters)
                .grid(Math.ceilDiv(downWeight.rows(), Products.ROWS_PER_GROUP), positions, 1, Products.FEW_ROWS_THREADS)
                .emit(
                        planner,
                        new Cost(
                                weightBytes,
                                0,
                                4L * positions * (inputs + downWeight.rows()),
                                2L * positions * inputs * downWeight.rows()));
    }

    /** Pairs of position and expert sorted by expert, in tiles. */
    private void prefill(Node.Mix mix, Optional<Place> residual, Value target) {
        ExpertWeights experts = mix.experts();
        int positions = mix.x().rows();
        int chosen = mix.chosen().width();
        int pairs = positions * chosen;
        int count = experts.gate().size();
        int mostTiles = pairs / Products.TILE + Math.min(pairs, count);
        Place x = planner.place(mix.x());
        Value order = planner.temporary(pairs);
        Value tiles = planner.temporary(3 * mostTiles);
        new DispatchBuilder(Kernel.SORT_EXPERTS, Constants.NONE)
                .numbers(0, planner.densePlace(mix.chosen()).operand())
                .result(1, order)
                .result(2, tiles)
                .parameters(3, new Parameters().number(pairs).number(count))
                .grid(1, 1, 1, 256)
                .threadgroup(Math.ceilDiv(4 * count, 16) * 16)
                .emit(planner, new Cost(0, 0, 8L * pairs, 2L * pairs * count));
        Weight gate = experts.gate().get(0);
        Weight down = experts.down().get(0);
        boolean biased = experts.biases().isPresent();
        Value inner = planner.temporary(Math.multiplyExact(pairs, gate.rows()));
        Value parts = planner.temporary(Math.multiplyExact(pairs, down.rows()));
        DispatchBuilder first = new DispatchBuilder(
                        Kernel.EXPERT_GATE_UP_TILES,
                        Constants.NONE
                                .with(gate.format())
                                .with(experts.gating())
                                .with(Constants.BIAS, biased))
                .stack(0, experts.gate())
                .stack(3, experts.up())
                .numbers(6, new Operand.Table(experts.gate()))
                .numbers(7, new Operand.Table(experts.up()))
                .numbers(8, new Operand.Numbers(order, 0, false))
                .numbers(9, new Operand.Numbers(tiles, 0, false))
                .numbers(10, x.operand())
                .result(13, inner);
        experts.biases()
                .ifPresent(biases -> first.numbers(11, MetalBuffer.numbers(biases.gate()))
                        .numbers(12, MetalBuffer.numbers(biases.up())));
        first.unused(planner.step(), 11, 12)
                .parameters(
                        14,
                        gatingNumbers(new Parameters().number(chosen).number(x.stride()), experts.gating())
                                .stackMatrix(gate)
                                .stackMatrix(experts.up().get(0)))
                .grid(Math.ceilDiv(gate.rows(), Products.TILE), mostTiles, 1, Products.TILE_THREADS)
                .emit(
                        planner,
                        new Cost(
                                2L * Math.min(pairs, mostTiles) * WeightSizes.bytes(gate),
                                0,
                                4L * pairs * (gate.columns() + gate.rows()),
                                4L * pairs * gate.columns() * gate.rows()));
        DispatchBuilder second = new DispatchBuilder(
                        Kernel.EXPERT_DOWN_TILES,
                        Constants.NONE.with(down.format()).with(Constants.BIAS, biased))
                .stack(0, experts.down())
                .numbers(3, new Operand.Table(experts.down()))
                .numbers(4, new Operand.Numbers(order, 0, false))
                .numbers(5, new Operand.Numbers(tiles, 0, false))
                .numbers(6, new Operand.Numbers(inner, 0, false))
                .result(8, parts);
        experts.biases().ifPresent(biases -> second.numbers(7, MetalBuffer.numbers(biases.down())));
        second.unused(planner.step(), 7)
                .parameters(
                        9,
                        new Parameters()
                                .number(chosen)
                                .number(down.columns())
                                .number(0f)
                                .number(0f)
                                .stackMatrix(down)
                                .noMatrix())
                .grid(Math.ceilDiv(down.rows(), Products.TILE), mostTiles, 1, Products.TILE_THREADS)
                .emit(
                        planner,
                        new Cost(
                                (long) Math.min(pairs, mostTiles) * WeightSizes.bytes(down),
                                0,
                                4L * pairs * (down.columns() + down.rows()),
                                2L * pairs * down.columns() * down.rows()));
        DispatchBuilder sum = new DispatchBuilder(
                        Kernel.SUM_EXPERTS, Constants.NONE.with(Constants.RESIDUAL, residual.isPresent()))
                .numbers(0, new Operand.Numbers(parts, 0, false))
                .numbers(1, planner.densePlace(mix.shares()).operand())
                .result(3, target);
        residual.ifPresent(place -> sum.numbers(2, place.operand()));
        sum.unused(planner.step(), 2)
                .parameters(
                        4,
                        new Parameters()
                                .number(down.rows())
                                .number(chosen)
                                .number(residual.map(Place::stride).orElse(0)))
                .grid(positions, 1, 1, 256)
                .emit(planner, new Cost(0, 0, 4L * down.rows() * (pairs + 2L * positions), 2L * pairs * down.rows()));
    }
}
