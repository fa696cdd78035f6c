package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Window;

/**
 * Convolution as a product: the windows of a few pixels are laid side by side as rows, few enough to stay in the cache,
 * and multiplied with the filter as a linear layer would.
 */
final class CpuConvolution {
    /** About 300 kB of window rows: half of a usual second-level cache. */
    private static final int TILE_FLOATS = 72 << 10;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Scratch scratch;

    CpuConvolution(Kernels kernels, CpuThreads threads, Scratch scratch) {
        this.kernels = kernels;
        this.threads = threads;
        this.scratch = scratch;
    }

    /** A picture's sizes. */
    record Sizes(int height, int width, int channels) {}

    /** {@code bias} may be empty. */
    void convolve(float[] x, Sizes from, Weight filter, float[] bias, Window window, float[] out, Sizes to) {
        int columns = filter.columns();
        int pixels = to.height() * to.width();
        int tile = Math.clamp(TILE_FLOATS / columns & ~3, 8, 64);
        boolean whole = window.equals(Window.PIXEL);
        threads.share(pixels, tile, (first, last, worker) -> {
            for (int at = first; at < last; at += tile) {
                int count = Math.min(tile, last - at);
                float[] room = scratch.of(worker, kernels.scratchFloats(columns, count));
                float[] rows = x;
                int rowsAt = at * columns;
                if (!whole) {
                    rows = scratch.second(worker, tile * columns);
                    rowsAt = 0;
                    for (int i = 0; i < count; i++) {
                        window(x, from, window, (at + i) / to.width(), (at + i) % to.width(), rows, i * columns);
                    }
                }
                int outputs = to.channels();
                kernels.multiply(filter, 0, outputs, rows, rowsAt, columns, count, out, at * outputs, outputs, room);
                for (int i = 0; bias.length > 0 && i < count; i++) {
                    kernels.addScaled(1, bias, 0, out, (at + i) * outputs, outputs);
                }
            }
        });
    }

    /** The window at one position as a row. */
    private static void window(float[] x, Sizes from, Window window, int row, int column, float[] to, int at) {
        int channels = from.channels();
        int next = at;
        for (int dy = 0; dy < window.height(); dy++) {
            int y = row * window.stride() - window.before() + dy;
            for (int dx = 0; dx < window.width(); dx++) {
                int px = column * window.stride() - window.before() + dx;
                if (y >= 0 && y < from.height() && px >= 0 && px < from.width()) {
                    System.arraycopy(x, (y * from.width() + px) * channels, to, next, channels);
                } else {
                    Arrays.fill(to, next, next + channels, 0);
                }
                next += channels;
            }
        }
    }
}
