package studio.atelier.app.script;

import java.util.ArrayDeque;
import java.util.function.IntPredicate;
import studio.atelier.engine.image.Picture;

/** Counts what can be seen in a picture: connected areas of one colour. */
public final class Blobs {
    /** Smaller ones are crumbs of an edge. */
    private static final int LEAST_PIXELS = 40;

    private Blobs() {}

    /** How many areas of exactly this opaque colour there are. */
    public static int of(Picture picture, int rgb) {
        return count(picture, pixel -> pixel == (0xFF000000 | rgb));
    }

    private static int count(Picture picture, IntPredicate belongs) {
        int width = picture.width();
        int[] pixels = picture.pixels();
        boolean[] seen = new boolean[pixels.length];
        int blobs = 0;
        for (int start = 0; start < pixels.length; start++) {
            if (seen[start] || !belongs.test(pixels[start])) {
                continue;
            }
            int size = 0;
            ArrayDeque<Integer> edge = new ArrayDeque<>();
            edge.add(start);
            seen[start] = true;
            while (!edge.isEmpty()) {
                int at = edge.remove();
                size++;
                int x = at % width;
                int[] next = {x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width};
                for (int to : next) {
                    if (to >= 0 && to < pixels.length && !seen[to] && belongs.test(pixels[to])) {
                        seen[to] = true;
                        edge.add(to);
                    }
                }
            }
            if (size >= LEAST_PIXELS) {
                blobs++;
            }
        }
        return blobs;
    }
}
