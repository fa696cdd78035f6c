package studio.atelier.engine.backend.metal;

import java.util.Map;

/**
 * One launch of a kernel, complete but for addresses.
 *
 * @param operands by buffer index
 * @param parametersIndex buffer index of the parameters
 * @param groupsX threadgroups along x
 * @param threads per threadgroup
 * @param threadgroupBytes by threadgroup index
 */
record Dispatch(
        Kernel kernel,
        Constants constants,
        Map<Integer, Operand> operands,
        Parameters parameters,
        int parametersIndex,
        int groupsX,
        int groupsY,
        int groupsZ,
        int threads,
        int[] threadgroupBytes,
        Cost cost) {
    /**
     * What it moves and computes, counted from shapes.
     *
     * @param weightBytes read of weights
     * @param cacheBytes read of keys and values
     * @param otherBytes read and written of activations
     * @param operations floating-point operations, a multiply-add counted as two
     */
    record Cost(long weightBytes, long cacheBytes, long otherBytes, long operations) {
        static final Cost NONE = new Cost(0, 0, 0, 0);

        Cost plus(Cost other) {
            return new Cost(
                    weightBytes + other.weightBytes,
                    cacheBytes + other.cacheBytes,
                    otherBytes + other.otherBytes,
                    operations + other.operations);
        }

        long bytes() {
            return weightBytes + cacheBytes + otherBytes;
        }
    }
}
