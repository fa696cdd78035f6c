package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Shape;

/**
 * Turns queries and keys by their positions. Every layer of a pass asks for the same angles, whose sines cost more than the
 * turning: those of the last call are kept. Belongs to the engine thread.
 */
final class Rotation {
    private double[] frequencies = {};
    private float magnitude;
    private int firstPosition;
    private int positions;
    /** {@code [L, D/2]} each. */
    private float[] cosines = {};

    private float[] sines = {};
    private final CpuThreads threads;
    private final Turning turning = new Turning();

    Rotation(CpuThreads threads) {
        this.threads = threads;
    }

    /** {@code [L, H, D]} in place. */
    void rotate(float[] x, Shape shape, Rope rope, int first) {
        prepare(rope, first, shape.axis(0));
        turning.x = x;
        turning.width = shape.width();
        turning.heads = shape.rows() / shape.axis(0);
        turning.interleaved = rope.pairing() == Rope.Pairing.INTERLEAVED;
        threads.share(shape.axis(0), CpuElements.chunkRows(turning.heads * turning.width), turning);
    }

    private final class Turning implements CpuThreads.Chunk {
        private float[] x = {};
        private int width;
        private int heads;
        private boolean interleaved;

        @Override
        public void run(int from, int to, int worker) {
            int pairs = frequencies.length;
            for (int row = from * heads; row < to * heads; row++) {
                int angle = row / heads * pairs;
                if (interleaved) {
                    neighbours(x, row * width, angle, pairs);
                } else {
                    halves(x, row * width, angle, pairs);
                }
            }
        }
    }

    private void halves(float[] x, int at, int angle, int pairs) {
        for (int i = 0; i < pairs; i++) {
            float a = x[at + i];
            float b = x[at + pairs + i];
            x[at + i] = a * cosines[angle + i] - b * sines[angle + i];
            x[at + pairs + i] = a * sines[angle + i] + b * cosines[angle + i];
        }
    }

    private void neighbours(float[] x, int at, int angle, int pairs) {
        for (int i = 0; i < pairs; i++) {
            float a = x[at + 2 * i];
            float b = x[at + 2 * i + 1];
            x[at + 2 * i] = a * cosines[angle + i] - b * sines[angle + i];
            x[at + 2 * i + 1] = a * sines[angle + i] + b * cosines[angle + i];
        }
    }

    private void prepare(Rope rope, int first, int count) {
        if (first == firstPosition
                && count == positions
                && magnitude == rope.magnitude()
                && Arrays.equals(frequencies, rope.inverseFrequencies())) {
            return;
        }
        frequencies = rope.inverseFrequencies();
        magnitude = rope.magnitude();
        firstPosition = first;
        positions = count;
        int pairs = frequencies.length;
        if (cosines.length < count * pairs) {
            cosines = new float[count * pairs];
            sines = new float[count * pairs];
        }
        for (int l = 0; l < count; l++) {
            for (int i = 0; i < pairs; i++) {
                double angle = (first + l) * frequencies[i];
                cosines[l * pairs + i] = (float) Math.cos(angle) * magnitude;
                sines[l * pairs + i] = (float) Math.sin(angle) * magnitude;
            }
        }
    }
}
