package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.RowDecoder;
import studio.atelier.engine.tensor.Weight;

/** One plain loop after the other, sums in double: slow, and the reference for everything else. */
final class ScalarKernels implements Kernels {
    @Override
    public String description() {
        return "scalar reference";
    }

    @Override
    public int scratchFloats(int columns, int rows) {
        return columns;
    }

    @Override
    public int narrowColumns() {
        return 0;
    }

    @Override
    public void multiply(
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
            float[] scratch) {
        for (int r = from; r < to; r++) {
            RowDecoder.decode(weight, r, scratch, 0);
            for (int i = 0; i < rows; i++) {
                y[yAt + i * yStride + r] = dot(x, xAt + i * xStride, scratch, 0, weight.columns());
            }
        }
    }

    @Override
    public float dot(float[] a, int aAt, float[] b, int bAt, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[aAt + i] * b[bAt + i];
        }
        return (float) sum;
    }

    @Override
    public void addScaled(float factor, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i++) {
            y[yAt + i] += factor * x[xAt + i];
        }
    }
}
