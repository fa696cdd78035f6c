package studio.atelier.app.images;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import studio.atelier.engine.image.Picture;

/**
 * Takes a plain background away from flat art. What is connected with the border and has nearly the border's colour
 * becomes transparent; at the edges a pixel is taken apart into the background's share and the rest (difference matting
 * against a known background).
 */
final class CutOut {
    /** Colours that differ less in every channel are the background's. */
    private static final int SAME = 24;

    /** From here on a pixel has nothing of the background. */
    private static final int OTHER = 128;

    /** Less of the border in one colour is no plain background. */
    private static final double PLAIN_SHARE = 0.7;

    private CutOut() {}

    /** The picture without its background; empty when that is not plain. */
    static Optional<Picture> of(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        int[] pixels = picture.pixels();
        Optional<Integer> found = borderColour(pixels, width, height);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        int ground = found.get();
        boolean[] outside = new boolean[pixels.length];
        ArrayDeque<Integer> edge = new ArrayDeque<>();
        for (int x = 0; x < width; x++) {
            reach(x, pixels, ground, outside, edge);
            reach((height - 1) * width + x, pixels, ground, outside, edge);
        }
        for (int y = 0; y < height; y++) {
            reach(y * width, pixels, ground, outside, edge);
            reach(y * width + width - 1, pixels, ground, outside, edge);
        }
        int[] cut = pixels.clone();
        while (!edge.isEmpty()) {
            int at = edge.remove();
            cut[at] = 0;
            int x = at % width;
            int y = at / width;
            if (x > 0) {
                step(at - 1, pixels, cut, ground, outside, edge);
            }
            if (x < width - 1) {
                step(at + 1, pixels, cut, ground, outside, edge);
            }
            if (y > 0) {
                step(at - width, pixels, cut, ground, outside, edge);
            }
            if (y < height - 1) {
                step(at + width, pixels, cut, ground, outside, edge);
            }
        }
        return Optional.of(Picture.of(width, height, cut));
    }

    private static void reach(int at, int[] pixels, int ground, boolean[] outside, ArrayDeque<Integer> edge) {
        if (!outside[at] && distance(pixels[at], ground) < SAME) {
            outside[at] = true;
            edge.add(at);
        }
    }

    private static void step(int at, int[] pixels, int[] cut, int ground, boolean[] outside, ArrayDeque<Integer> edge) {
        reach(at, pixels, ground, outside, edge);
        int distance = distance(pixels[at], ground);
        if (!outside[at] && distance < OTHER) {
            cut[at] = unmixed(pixels[at], ground, 255 * distance / OTHER);
        }
    }

    /** The colour that, laid on the background with this alpha, gives the pixel. */
    private static int unmixed(int pixel, int ground, int alpha) {
        int whole = alpha;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int mixed = pixel >> shift & 255;
            int behind = ground >> shift & 255;
            int front = alpha == 0 ? 0 : Math.clamp(behind + (mixed - behind) * 255L / alpha, 0, 255);
            whole = whole << 8 | front;
        }
        return whole;
    }

    private static Optional<Integer> borderColour(int[] pixels, int width, int height) {
        Map<Integer, Integer> counts = new HashMap<>();
        int border = 0;
        int best = pixels[0] & 0xFFFFFF;
        for (int at = 0; at < pixels.length; at++) {
            int x = at % width;
            if (x == 0 || x == width - 1 || at < width || at >= pixels.length - width) {
                border++;
                int rgb = pixels[at] & 0xFFFFFF;
                if (counts.merge(rgb, 1, Integer::sum) > counts.getOrDefault(best, 0)) {
                    best = rgb;
                }
            }
        }
        int ground = best;
        int near = counts.entrySet().stream()
                .filter(entry -> distance(entry.getKey(), ground) < SAME)
                .mapToInt(Map.Entry::getValue)
                .sum();
        return near >= PLAIN_SHARE * border ? Optional.of(ground) : Optional.empty();
    }

    private static int distance(int a, int b) {
        int largest = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            largest = Math.max(largest, Math.abs((a >> shift & 255) - (b >> shift & 255)));
        }
        return largest;
    }
}
