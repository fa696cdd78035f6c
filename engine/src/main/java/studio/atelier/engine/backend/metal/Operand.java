package studio.atelier.engine.backend.metal;

import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** What a dispatch binds to one index. */
sealed interface Operand {
    /** Whether a kernel writes it. */
    default boolean writes() {
        return false;
    }

    /** Numbers of the graph, from an element on. */
    record Numbers(Value value, long firstElement, boolean writes) implements Operand {}

    /** One of the three planes of a matrix: 0 values, 1 scales, 2 biases. Offsets are in the parameters. */
    record Plane(Weight weight, int plane) implements Operand {}

    /** The same of a stack; offsets are in its table. */
    record StackPlane(WeightStack stack, int plane) implements Operand {}

    /** A stack's table of offsets. */
    record Table(WeightStack stack) implements Operand {}

    /** Token, position and what follows from them, see {@link StepData}. */
    record Step(long offsetBytes) implements Operand {}
}
