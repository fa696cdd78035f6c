package studio.atelier.engine.backend.metal;

import java.util.Map;
import java.util.TreeMap;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/** Puts one dispatch together. */
final class DispatchBuilder {
    private final Kernel kernel;
    private final Constants constants;
    private final Map<Integer, Operand> operands = new TreeMap<>();
    private Parameters parameters = new Parameters();
    private int parametersIndex;
    private int[] grid = {1, 1, 1};
    private int threads = 32;
    private int[] threadgroupBytes = {};

    DispatchBuilder(Kernel kernel, Constants constants) {
        this.kernel = kernel;
        this.constants = constants;
    }

    DispatchBuilder numbers(int index, Operand operand) {
        operands.put(index, operand);
        return this;
    }

    DispatchBuilder result(int index, Value value) {
        operands.put(index, new Operand.Numbers(value, 0, true));
        return this;
    }

    /** The three planes of a matrix from an index on. */
    DispatchBuilder matrix(int index, Weight weight) {
        for (int plane = 0; plane < 3; plane++) {
            operands.put(index + plane, new Operand.Plane(weight, plane));
        }
        return this;
    }

    /** The three planes of a stack from an index on. */
    DispatchBuilder stack(int index, WeightStack stack) {
        for (int plane = 0; plane < 3; plane++) {
            operands.put(index + plane, new Operand.StackPlane(stack, plane));
        }
        return this;
    }

    /** Zeros for parameters that this variant of the kernel never reads. */
    DispatchBuilder unused(StepData step, int... indices) {
        for (int index : indices) {
            operands.putIfAbsent(index, step.zeros());
        }
        return this;
    }

    DispatchBuilder parameters(int index, Parameters all) {
        parametersIndex = index;
        parameters = all;
        return this;
    }

    DispatchBuilder grid(int x, int y, int z, int threadsPerGroup) {
        grid = new int[] {x, y, z};
        threads = threadsPerGroup;
        return this;
    }

    /** Dynamic threadgroup memory, by index. */
    DispatchBuilder threadgroup(int... bytes) {
        threadgroupBytes = bytes;
        return this;
    }

    void emit(Planner planner, Dispatch.Cost cost) {
        planner.emit(new Dispatch(
                kernel,
                constants,
                Map.copyOf(operands),
                parameters,
                parametersIndex,
                grid[0],
                grid[1],
                grid[2],
                threads,
                threadgroupBytes,
                cost));
    }
}
