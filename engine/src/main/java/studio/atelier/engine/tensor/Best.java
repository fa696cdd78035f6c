package studio.atelier.engine.tensor;

import java.util.PriorityQueue;

/** The largest numbers of a row. */
public final class Best {
    /** Most that are looked for; who wants more sorts the row. */
    public static final int MOST = 64;

    private Best() {}

    /**
     * The largest first, of equals the earlier; what is not a number is smaller than all others.
     *
     * @return {@code [2, count]}: numbers, then their columns
     */
    public static float[] of(float[] row, int count) {
        PriorityQueue<Integer> kept = new PriorityQueue<>(count + 1, (a, b) -> isBetter(row, a, b) ? 1 : -1);
        for (int i = 0; i < row.length; i++) {
            if (kept.size() < count || isBetter(row, i, kept.element())) {
                kept.add(i);
                if (kept.size() > count) {
                    kept.remove();
                }
            }
        }
        float[] best = new float[2 * count];
        for (int at = kept.size() - 1; at >= 0; at--) {
            int column = kept.remove();
            best[at] = number(row[column]);
            best[count + at] = column;
        }
        return best;
    }

    private static boolean isBetter(float[] row, int a, int b) {
        float first = number(row[a]);
        float second = number(row[b]);
        return first > second || (first == second && a < b);
    }

    private static float number(float value) {
        return Float.isNaN(value) ? Float.NEGATIVE_INFINITY : value;
    }
}
