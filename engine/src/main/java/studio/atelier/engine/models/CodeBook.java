package studio.atelier.engine.models;

/**
 * The vectors that codes of a picture stand for, each of length 1.
 *
 * @param entries {@code [codes, size]}
 */
record CodeBook(float[] entries, int size) {
    /** Brings every row to length 1, as training did before each look-up. */
    static CodeBook normalized(float[] rows, int size) {
        float[] entries = rows.clone();
        for (int at = 0; at < entries.length; at += size) {
            normalize(entries, at, size);
        }
        return new CodeBook(entries, size);
    }

    private static void normalize(float[] x, int at, int size) {
        double squares = 0;
        for (int i = at; i < at + size; i++) {
            squares += (double) x[i] * x[i];
        }
        double length = Math.max(Math.sqrt(squares), 1e-12);
        for (int i = at; i < at + size; i++) {
            x[i] = (float) (x[i] / length);
        }
    }

    int codes() {
        return entries.length / size;
    }

    /** {@code [L]} codes to {@code [L, size]} numbers. */
    float[] look(int[] codes) {
        float[] found = new float[codes.length * size];
        for (int i = 0; i < codes.length; i++) {
            if (codes[i] < 0 || codes[i] >= codes()) {
                throw new IllegalArgumentException("code: expected 0 to " + (codes() - 1) + ", got " + codes[i]);
            }
            System.arraycopy(entries, codes[i] * size, found, i * size, size);
        }
        return found;
    }

    /** The nearest entry to each row of {@code [L, size]}, by the angle between them; the first among equals. */
    int[] nearest(float[] rows) {
        float[] unit = rows.clone();
        int[] codes = new int[rows.length / size];
        for (int i = 0; i < codes.length; i++) {
            normalize(unit, i * size, size);
            double best = Double.NEGATIVE_INFINITY;
            for (int code = 0; code < codes(); code++) {
                double likeness = 0;
                for (int d = 0; d < size; d++) {
                    likeness += (double) unit[i * size + d] * entries[code * size + d];
                }
                if (likeness > best) {
                    best = likeness;
                    codes[i] = code;
                }
            }
        }
        return codes;
    }
}
