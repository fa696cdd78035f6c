package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.RowDecoder;
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

    /** Matrices of at most so many columns are multiplied faster column by column; 0 where none are. */
    int narrowColumns();

    /** {@code sum a_i b_i}. */
    float dot(float[] a, int aAt, float[] b, int bAt, int count);

    /**
     * {@code s[i, t] = q_i · k_t}: row {@code i} of q begins at {@code qAt + i * size}, row {@code t} of k at {@code t *
     * kStride}, result {@code (i, t)} lies at {@code sAt + i * sStride + t}.
     */
    default void scores(
            float[] q,
            int qAt,
            int rows,
            float[] k,
            int kStride,
            int count,
            int size,
            float[] s,
            int sAt,
            int sStride) {
        for (int i = 0; i < rows; i++) {
            for (int t = 0; t < count; t++) {
                s[sAt + i * sStride + t] = dot(q, qAt + i * size, k, t * kStride, size);
            }
        }
    }

    /**
     * {@code y_i += sum over t of p[i, t] v_t}: {@code (i, t)} of p lies at {@code pAt + i * pStride + t}, row {@code t} of
     * v begins at {@code vAt + t * vStride}, row {@code i} of y at {@code yAt + i * size}.
     */
    default void mix(
            float[] p,
            int pAt,
            int pStride,
            int rows,
            float[] v,
            int vAt,
            int vStride,
            int count,
            int size,
            float[] y,
            int yAt) {
        for (int i = 0; i < rows; i++) {
            for (int t = 0; t < count; t++) {
                addScaled(p[pAt + i * pStride + t], v, vAt + t * vStride, y, yAt + i * size, size);
            }
        }
    }

    /** {@code x_i = exp(x_i - shift)} in place, for differences of at most 0; returns their sum. */
    default float exponentials(float[] x, int at, int count, float shift) {
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            x[i] = (float) Math.exp(x[i] - shift);
            sum += x[i];
        }
        return (float) sum;
    }

    /** {@code gate_i = silu(gate_i) · up_i} in place. */
    default void silu(float[] gate, float[] up, int at, int count) {
        for (int i = at; i < at + count; i++) {
            gate[i] = (float) (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
        }
    }

    /** The largest of {@code x_i} and {@code least}. */
    default float largest(float[] x, int at, int count, float least) {
        float largest = least;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, x[i]);
        }
        return largest;
    }

    /** The sum of {@code x_i²}. */
    default double squares(float[] x, int at, int count) {
        double sum = 0;
        for (int i = at; i < at + count; i++) {
            sum += (double) x[i] * x[i];
        }
        return sum;
    }

    /** Row {@code row} of a weight as floats to {@code into[at ..]}. */
    default void decode(Weight weight, int row, float[] into, int at) {
        RowDecoder.decode(weight, row, into, at);
    }

    /** {@code x_i *= factor}. */
    default void scale(float[] x, int at, int count, float factor) {
        for (int i = at; i < at + count; i++) {
            x[i] *= factor;
        }
    }

    /** {@code y_i += factor x_i}. */
    void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int count);
}
