package studio.atelier.engine.backend.cpu;

/** What works element by element and is too cheap to share out. */
final class CpuElements {
    private CpuElements() {}

    static void rmsNorm(Kernels kernels, float[] x, float[] weight, float epsilon, float[] out, int rows, int width) {
        for (int i = 0; i < rows; i++) {
            int at = i * width;
            double squares = kernels.squares(x, at, width);
            float factor = (float) (1 / Math.sqrt(squares / width + epsilon));
            for (int c = 0; c < width; c++) {
                out[at + c] = x[at + c] * factor * weight[c];
            }
        }
    }

    static void copyRows(
            float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride, int rows, int count) {
        for (int i = 0; i < rows; i++) {
            System.arraycopy(from, fromAt + i * fromStride, to, toAt + i * toStride, count);
        }
    }
}
