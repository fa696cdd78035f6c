package studio.atelier.engine.backend.cpu;

import java.util.Arrays;

/**
 * Pairs of a position and one of its experts, sorted by expert. The arrays are used again and may be longer than what is
 * in them. Belongs to the engine thread.
 */
final class ExpertOrder {
    private int[] starts = {};
    private int[] places = {};
    private int[] used = {};
    private int[] next = {};
    private int usedCount;
    private int chosen;

    /** Sorts the pairs of a routing; {@code experts} is how many there are to choose from. */
    void sort(CpuRouter.Chosen routing, int experts) {
        int[] of = routing.experts();
        chosen = routing.chosen();
        if (starts.length <= experts) {
            starts = new int[experts + 1];
            next = new int[experts + 1];
            used = new int[experts];
        }
        if (places.length < of.length) {
            places = new int[of.length];
        }
        Arrays.fill(starts, 0);
        for (int expert : of) {
            starts[expert + 1]++;
        }
        usedCount = 0;
        for (int e = 0; e < experts; e++) {
            if (starts[e + 1] > 0) {
                used[usedCount++] = e;
            }
            starts[e + 1] += starts[e];
        }
        System.arraycopy(starts, 0, next, 0, experts + 1);
        for (int p = 0; p < of.length; p++) {
            places[p] = next[of[p]]++;
        }
    }

    /** The sorted place of an expert's first pair. */
    int start(int expert) {
        return starts[expert];
    }

    /** How many pairs an expert has. */
    int count(int expert) {
        return starts[expert + 1] - starts[expert];
    }

    /** The sorted place of a pair, which are numbered position by position. */
    int place(int pair) {
        return places[pair];
    }

    /** The {@code i}-th of the experts that have pairs. */
    int used(int i) {
        return used[i];
    }

    int usedCount() {
        return usedCount;
    }

    /** Experts per position. */
    int chosen() {
        return chosen;
    }
}
