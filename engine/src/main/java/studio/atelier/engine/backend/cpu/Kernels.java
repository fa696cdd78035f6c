package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.Weight;

/**
 * The inner loops that take the time. Two implementations are held side by side by tests; nothing here allocates.
 *
 * <p>Safe to call from several threads, each with its own {@code scratch}.
 */
sealed interface Kernels permits ScalarKernels, VectorKernels {
    /** For people: the instructions used. */
    String description();

    /** Floats of scratch that {@link #multiply} needs for a weight of this many columns and {@code rows} rows of x. */
    int scratchFloats(int columns, int rows);

    /**
     * {@code y[i, r] = x_i · w_r} for weight rows {@code r} in {@code [from, to)} and all {@code rows} rows of x.
     *
     * @param x row {@code i} begins at {@code xAt + i * xStride}
     * @param y result {@code (i, r)} lies at {@code yAt + i * yStride + r}
     */
    void multiply(
            Weight weight,
            int from,
            int to,
            float[] x,
            int xAt,
            int xStride,
            int rows,
            float[] y,
            int yAt,
            int yStride,
            float[] scratch);

    /** {@code sum a_i b_i}. */
    float dot(float[] a, int aAt, float[] b, int bAt, int count);

    /** {@code y_i += factor x_i}. */
    void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int count);
}
