package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Shape;

/** What works element by element and is too cheap to share out. */
final class CpuElements {
    private CpuElements() {}

    static void rmsNorm(float[] x, float[] weight, float epsilon, float[] out, int rows, int width) {
        for (int i = 0; i < rows; i++) {
            int at = i * width;
            double squares = 0;
            for (int c = 0; c < width; c++) {
                squares += (double) x[at + c] * x[at + c];
            }
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

    /** {@code [L, H, D]} in place. */
    static void rotate(float[] x, Shape shape, Rope rope, int firstPosition) {
        int width = shape.width();
        int heads = shape.rows() / shape.axis(0);
        int pairs = rope.inverseFrequencies().length;
        int step = rope.pairing() == Rope.Pairing.INTERLEAVED ? 2 : 1;
        int distance = rope.pairing() == Rope.Pairing.INTERLEAVED ? 1 : pairs;
        for (int l = 0; l < shape.axis(0); l++) {
            for (int i = 0; i < pairs; i++) {
                double angle = (firstPosition + l) * rope.inverseFrequencies()[i];
                float cos = (float) Math.cos(angle) * rope.magnitude();
                float sin = (float) Math.sin(angle) * rope.magnitude();
                for (int h = 0; h < heads; h++) {
                    int at = (l * heads + h) * width + i * step;
                    float a = x[at];
                    float b = x[at + distance];
                    x[at] = a * cos - b * sin;
                    x[at + distance] = a * sin + b * cos;
                }
            }
        }
    }
}
