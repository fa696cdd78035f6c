package studio.atelier.engine.backend.cpu;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.Weight;

/**
 * Products of weights of 4 and 8 bits with 8-bit activations. Two implementations, held side by side by tests; the
 * emitted one is checked at every start. Nothing here allocates once a worker has its scratch.
 */
sealed interface NibbleKernels permits EmittedNibbles, VectorNibbles {
    /** For people: the instructions used. */
    String description();

    /** Whether weights of a form with such scales can be multiplied, after what that takes has been made. */
    boolean serve(CodeForm form, DType scales);

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

    /** Codes {@code blocks} blocks of a row of x, from {@code firstBlock} on, out of {@code x[at ..]}. */
    default void code(Activations into, int row, int firstBlock, int blocks, float[] x, int at, int worker) {
        for (int block = 0; block < blocks; block++) {
            into.quantizeBlock(row, firstBlock + block, x, at + block * Activations.BLOCK);
        }
    }

    /** The form of a weight that kernels can read: also its planes are as large as its shape says. Null for others. */
    static @Nullable CodeForm formOf(Weight weight) {
        CodeForm form = CodeForm.of(weight.format());
        if (form == null || weight.columns() % CodeForm.BLOCK != 0) {
            return null;
        }
        int scaleBytes = weight.columns()
                / form.groupSize()
                * CodeForm.scaleType(weight.format()).sizeBytes();
        boolean whole = holds(weight.values(), weight.rows(), weight.columns() / CodeForm.BLOCK * form.blockBytes())
                && holds(weight.scales(), weight.rows(), scaleBytes)
                && (!form.isBiased() || holds(weight.biases(), weight.rows(), scaleBytes));
        return whole ? form : null;
    }

    private static boolean holds(Weight.Plane plane, int rows, int usedBytes) {
        return plane.bytes().isNative()
                && plane.rowBytes() >= usedBytes
                && plane.bytes().byteSize() >= (rows - 1) * plane.rowBytes() + usedBytes;
    }
}
