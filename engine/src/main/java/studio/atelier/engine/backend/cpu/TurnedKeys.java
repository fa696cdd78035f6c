package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.WeightStack;

/**
 * The keys' matrices of latent attention the other way round, in 8 bits. Folders keep them as {@code [R, Dn]}, which
 * brings a query to the latent space; a key out of a latent needs {@code [Dn, R]}, and groups of codes lie along rows.
 *
 * <p>Of each group of 64 the least number is the bias and a 255th of what the largest is more the scale, both floats. A
 * number moves by at most half a scale, as activations of 8 bits do.
 */
final class TurnedKeys implements CpuThreads.Chunk {
    /** What the turned matrices are. */
    static final CodeForm FORM = CodeForm.BYTES;

    static final DType SCALES = DType.F32;

    private static final int GROUP = 64;
    private static final float LARGEST_CODE = 255;

    private final Kernels kernels;
    private final WeightStack keys;
    private final @Nullable Weight[] turned;

    private TurnedKeys(Kernels kernels, WeightStack keys) {
        this.kernels = kernels;
        this.keys = keys;
        this.turned = new Weight[keys.size()];
    }

    /** {@code [H, R, Dn]} becomes {@code [H, Dn, R]}, with R a multiple of 64. */
    static WeightStack of(WeightStack keys, Kernels kernels, CpuThreads threads) {
        TurnedKeys task = new TurnedKeys(kernels, keys);
        threads.share(keys.size(), 1, task);
        List<Weight> each = new ArrayList<>(keys.size());
        for (Weight weight : task.turned) {
            if (weight != null) {
                each.add(weight);
            }
        }
        return new WeightStack(each);
    }

    @Override
    public void run(int from, int to, int worker) {
        float[] matrix = new float[keys.rows() * keys.columns()];
        for (int head = from; head < to; head++) {
            for (int r = 0; r < keys.rows(); r++) {
                kernels.decode(keys.get(head), r, matrix, r * keys.columns());
            }
            turned[head] = coded(keys.get(head), matrix);
        }
    }

    private static Weight coded(Weight original, float[] matrix) {
        int rows = original.columns();
        int columns = original.rows();
        int groups = columns / GROUP;
        byte[] codes = new byte[rows * columns];
        float[] scales = new float[rows * groups];
        float[] biases = new float[rows * groups];
        float[] least = new float[rows];
        float[] largest = new float[rows];
        for (int group = 0; group < groups; group++) {
            Arrays.fill(least, Float.POSITIVE_INFINITY);
            Arrays.fill(largest, Float.NEGATIVE_INFINITY);
            for (int at = group * GROUP * rows; at < (group + 1) * GROUP * rows; at += rows) {
                for (int row = 0; row < rows; row++) {
                    least[row] = Math.min(least[row], matrix[at + row]);
                    largest[row] = Math.max(largest[row], matrix[at + row]);
                }
            }
            for (int row = 0; row < rows; row++) {
                float scale = (largest[row] - least[row]) / LARGEST_CODE;
                float inverse = scale >= Float.MIN_NORMAL ? 1 / scale : 0;
                scales[row * groups + group] = scale;
                biases[row * groups + group] = least[row];
                for (int i = group * GROUP; i < (group + 1) * GROUP; i++) {
                    codes[row * columns + i] = (byte) (int) ((matrix[i * rows + row] - least[row]) * inverse + 0.5f);
                }
            }
        }
        return new Weight(
                original.name(),
                rows,
                columns,
                new QuantFormat.Affine(FORM.bits(), GROUP, SCALES),
                new Weight.Plane(Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, codes), columns),
                new Weight.Plane(Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, scales), 4L * groups),
                new Weight.Plane(Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, biases), 4L * groups),
                0);
    }
}
