package studio.atelier.engine.backend.cpu;

import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Gating;

/**
 * What works row by row or element by element: shared out where a prompt has enough of them, else done by the caller. The
 * tasks are fields, so that nothing is allocated for one. Belongs to the engine thread.
 */
final class CpuElements {
    /** Floats of a chunk: some microseconds of work. */
    private static final int CHUNK_FLOATS = 16_384;

    /** Floats that are gone over twice while they are in the first-level cache. */
    private static final int PIECE_FLOATS = 2048;

    private final Kernels kernels;
    private final CpuThreads threads;
    private final Norm norm = new Norm();
    private final Joining joining = new Joining();
    private final Copy copy = new Copy();

    CpuElements(Kernels kernels, CpuThreads threads) {
        this.kernels = kernels;
        this.threads = threads;
    }

    /** Rows, each of this many floats, that make a chunk. */
    static int chunkRows(int width) {
        return Math.max(1, CHUNK_FLOATS / Math.max(1, width));
    }

    void rmsNorm(float[] x, float[] weight, float epsilon, float[] out, int rows, int width) {
        norm.x = x;
        norm.weight = weight;
        norm.epsilon = epsilon;
        norm.out = out;
        norm.width = width;
        threads.share(rows, chunkRows(width), norm);
    }

    /** {@code out = a + b}. */
    void add(float[] a, float[] b, float[] out, int count) {
        joining.gating = null;
        join(a, b, out, count);
    }

    /** Gate and up joined. */
    void gate(Gating gating, float[] gate, float[] up, float[] out, int count) {
        joining.gating = gating;
        join(gate, up, out, count);
    }

    private void join(float[] a, float[] b, float[] out, int count) {
        joining.a = a;
        joining.b = b;
        joining.out = out;
        joining.count = count;
        threads.share(Math.ceilDiv(count, PIECE_FLOATS), CHUNK_FLOATS / PIECE_FLOATS, joining);
    }

    /** {@code count} floats of each row. */
    void copyRows(float[] from, int fromAt, int fromStride, float[] to, int toAt, int toStride, int rows, int count) {
        copy.from = from;
        copy.fromAt = fromAt;
        copy.fromStride = fromStride;
        copy.to = to;
        copy.toAt = toAt;
        copy.toStride = toStride;
        copy.count = count;
        threads.share(rows, chunkRows(count), copy);
    }

    private final class Norm implements CpuThreads.Chunk {
        private float[] x = {};
        private float[] weight = {};
        private float epsilon;
        private float[] out = {};
        private int width;

        @Override
        public void run(int first, int end, int worker) {
            for (int row = first; row < end; row++) {
                int at = row * width;
                double squares = kernels.squares(x, at, width);
                scale(x, at, (float) (1 / Math.sqrt(squares / width + epsilon)), weight, out, width);
            }
        }

        private static void scale(float[] x, int at, float factor, float[] weight, float[] out, int width) {
            for (int c = 0; c < width; c++) {
                out[at + c] = x[at + c] * factor * weight[c];
            }
        }
    }

    /** A sum, or gate and up: the first is copied to where the second joins it. */
    private final class Joining implements CpuThreads.Chunk {
        private @Nullable Gating gating;
        private float[] a = {};
        private float[] b = {};
        private float[] out = {};
        private int count;

        @Override
        public void run(int first, int end, int worker) {
            Gating how = gating;
            for (int piece = first; piece < end; piece++) {
                int at = piece * PIECE_FLOATS;
                int size = Math.min(PIECE_FLOATS, count - at);
                System.arraycopy(a, at, out, at, size);
                if (how == null) {
                    kernels.addScaled(1, b, at, out, at, size);
                } else {
                    CpuExperts.gate(kernels, how, out, b, at, size);
                }
            }
        }
    }

    private static final class Copy implements CpuThreads.Chunk {
        private float[] from = {};
        private int fromAt;
        private int fromStride;
        private float[] to = {};
        private int toAt;
        private int toStride;
        private int count;

        @Override
        public void run(int first, int end, int worker) {
            for (int row = first; row < end; row++) {
                System.arraycopy(from, fromAt + row * fromStride, to, toAt + row * toStride, count);
            }
        }
    }
}
