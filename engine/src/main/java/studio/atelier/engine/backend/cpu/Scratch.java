package studio.atelier.engine.backend.cpu;

/** Two arrays for each worker, grown when needed and kept. Worker {@code w} only asks for its own. */
final class Scratch {
    private static final float[] NOTHING = {};

    private final float[][] first;
    private final float[][] second;

    Scratch(int workers) {
        first = new float[workers][];
        second = new float[workers][];
        java.util.Arrays.fill(first, NOTHING);
        java.util.Arrays.fill(second, NOTHING);
    }

    float[] of(int worker, int floats) {
        return grown(first, worker, floats);
    }

    float[] second(int worker, int floats) {
        return grown(second, worker, floats);
    }

    private static float[] grown(float[][] arrays, int worker, int floats) {
        if (arrays[worker].length < floats) {
            arrays[worker] = new float[Math.max(floats, 2 * arrays[worker].length)];
        }
        return arrays[worker];
    }
}
