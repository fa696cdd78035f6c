package studio.atelier.engine.tokenizer;

import java.util.Arrays;

/** Consecutive stretches of a text, each either a match or what lies between matches. Offsets are UTF-16 units. */
final class Spans {
    private int[] ends = new int[8];
    private boolean[] matched = new boolean[8];
    private int size;

    void add(int end, boolean isMatch) {
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, size * 2);
            matched = Arrays.copyOf(matched, size * 2);
        }
        ends[size] = end;
        matched[size++] = isMatch;
    }

    /** Adds what lies between the last span and {@code end}, if anything does. */
    void addGap(int end) {
        if (end > (size == 0 ? 0 : ends[size - 1])) {
            add(end, false);
        }
    }

    int size() {
        return size;
    }

    int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    int end(int index) {
        return ends[index];
    }

    boolean matched(int index) {
        return matched[index];
    }

    Spans inverted() {
        var result = new Spans();
        for (int i = 0; i < size; i++) {
            result.add(ends[i], !matched[i]);
        }
        return result;
    }
}
