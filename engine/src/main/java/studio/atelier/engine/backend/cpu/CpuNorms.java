package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.Activation;

/** Norms with a mean, and what is done to single elements. Sums are in double. */
final class CpuNorms {
    private static final int CHUNK_ROWS = 256;
    private static final double ROOT_HALF = Math.sqrt(0.5);

    private final CpuThreads threads;

    CpuNorms(CpuThreads threads) {
        this.threads = threads;
    }

    /** Over all rows and the channels of a group. */
    void group(
            float[] x,
            float[] weight,
            float[] bias,
            int groups,
            float epsilon,
            Activation then,
            float[] out,
            int rows,
            int channels) {
        int chunks = Math.ceilDiv(rows, CHUNK_ROWS);
        double[][] sums = new double[chunks][];
        threads.share(chunks, 1, (from, to, _) -> {
            for (int chunk = from; chunk < to; chunk++) {
                int last = Math.min(rows, (chunk + 1) * CHUNK_ROWS);
                sums[chunk] = sums(x, chunk * CHUNK_ROWS, last, channels);
            }
        });
        float[] factor = new float[channels];
        float[] addend = new float[channels];
        int size = channels / groups;
        for (int group = 0; group < groups; group++) {
            double sum = 0;
            double squares = 0;
            for (double[] part : sums) {
                for (int c = group * size; c < (group + 1) * size; c++) {
                    sum += part[c];
                    squares += part[channels + c];
                }
            }
            double count = (double) rows * size;
            double mean = sum / count;
            double inverse = 1 / Math.sqrt(Math.max(0, squares / count - mean * mean) + epsilon);
            for (int c = group * size; c < (group + 1) * size; c++) {
                factor[c] = (float) (weight[c] * inverse);
                addend[c] = (float) (bias[c] - mean * inverse * weight[c]);
            }
        }
        threads.share(rows, CHUNK_ROWS, (from, to, _) -> {
            for (int row = from; row < to; row++) {
                int at = row * channels;
                for (int c = 0; c < channels; c++) {
                    out[at + c] = x[at + c] * factor[c] + addend[c];
                }
                activate(then, out, at, out, at, channels);
            }
        });
    }

    /** Each channel's sum, then each channel's sum of squares. */
    private static double[] sums(float[] x, int from, int to, int channels) {
        double[] sums = new double[2 * channels];
        for (int row = from; row < to; row++) {
            int at = row * channels;
            for (int c = 0; c < channels; c++) {
                double value = x[at + c];
                sums[c] += value;
                sums[channels + c] += value * value;
            }
        }
        return sums;
    }

    /** Over each row; {@code weight} and {@code bias} may be empty. */
    void layer(float[] x, float[] weight, float[] bias, float epsilon, float[] out, int rows, int width) {
        threads.share(rows, CHUNK_ROWS, (from, to, _) -> {
            for (int row = from; row < to; row++) {
                int at = row * width;
                double sum = 0;
                for (int c = 0; c < width; c++) {
                    sum += x[at + c];
                }
                double mean = sum / width;
                double squares = 0;
                for (int c = 0; c < width; c++) {
                    double distance = x[at + c] - mean;
                    squares += distance * distance;
                }
                double inverse = 1 / Math.sqrt(squares / width + epsilon);
                for (int c = 0; c < width; c++) {
                    double value = (x[at + c] - mean) * inverse;
                    double scaled = weight.length == 0 ? value : value * weight[c];
                    out[at + c] = (float) (bias.length == 0 ? scaled : scaled + bias[c]);
                }
            }
        });
    }

    /** Element by element, shared out. */
    void activate(Activation activation, float[] x, float[] out, int count) {
        threads.share(count, 1 << 14, (from, to, _) -> activate(activation, x, from, out, from, to - from));
    }

    private static void activate(Activation activation, float[] x, int xAt, float[] out, int outAt, int count) {
        switch (activation) {
            case IDENTITY -> {
                if (x != out || xAt != outAt) {
                    System.arraycopy(x, xAt, out, outAt, count);
                }
            }
            case SILU -> {
                for (int i = 0; i < count; i++) {
                    double value = x[xAt + i];
                    out[outAt + i] = (float) (value / (1 + Math.exp(-value)));
                }
            }
            case GELU -> {
                for (int i = 0; i < count; i++) {
                    double value = x[xAt + i];
                    out[outAt + i] = (float) (0.5 * value * (1 + ErrorFunction.of(value * ROOT_HALF)));
                }
            }
        }
    }

    /** Every pixel four times. */
    static void doubled(float[] x, int height, int width, int channels, float[] out) {
        int row = 2 * width * channels;
        for (int y = 0; y < height; y++) {
            int to = 2 * y * row;
            for (int px = 0; px < width; px++) {
                int from = (y * width + px) * channels;
                System.arraycopy(x, from, out, to + 2 * px * channels, channels);
                System.arraycopy(x, from, out, to + (2 * px + 1) * channels, channels);
            }
            System.arraycopy(out, to, out, to + row, row);
        }
    }
}
