package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;

/**
 * Products of 4-bit affine weights with 8-bit activations. Two implementations, held side by side by tests and once more
 * at every start. Nothing here allocates once a worker has its scratch.
 */
sealed interface NibbleKernels permits EmittedNibbles, VectorNibbles {
    /** For people: the instructions used. */
    String description();

    /**
     * {@code y[i, r] = x_i · w_r} for weight rows {@code r} in {@code [from, to)} and {@code tokens} rows of x.
     *
     * @param firstToken the first row of x
     * @param tokenStep from one row of x to the next: 1 for neighbours
     * @param y result {@code (i, r)} lies at {@code yAt + i * yStride + r}, i counted from 0
     * @param worker no two threads at a time with the same number
     */
    void multiply(
            Weight weight,
            int from,
            int to,
            Activations x,
            int firstToken,
            int tokenStep,
            int tokens,
            float[] y,
            int yAt,
            int yStride,
            int worker);

    /** Codes {@code groups} groups of a row of x, from {@code firstGroup} on, out of {@code x[at ..]}. */
    default void code(Activations into, int row, int firstGroup, int groups, float[] x, int at, int worker) {
        for (int group = 0; group < groups; group++) {
            into.quantizeGroup(row, firstGroup + group, x, at + group * Activations.GROUP);
        }
    }

    /** Whether these kernels can read a weight: its format, and that its planes are as large as its shape says. */
    static boolean take(Weight weight) {
        return weight.format() instanceof QuantFormat.Affine affine
                && affine.bits() == 4
                && affine.groupSize() == Activations.GROUP
                && weight.columns() % Activations.GROUP == 0
                && EmittedKernels.readsScales(affine.scaleType())
                && holds(weight.values(), weight.rows(), weight.columns() / 2)
                && holds(weight.scales(), weight.rows(), scaleBytes(weight, affine))
                && holds(weight.biases(), weight.rows(), scaleBytes(weight, affine));
    }

    private static int scaleBytes(Weight weight, QuantFormat.Affine affine) {
        return weight.columns() / Activations.GROUP * affine.scaleType().sizeBytes();
    }

    private static boolean holds(Weight.Plane plane, int rows, int usedBytes) {
        return plane.bytes().isNative()
                && plane.rowBytes() >= usedBytes
                && plane.bytes().byteSize() >= (rows - 1) * plane.rowBytes() + usedBytes;
    }
}
