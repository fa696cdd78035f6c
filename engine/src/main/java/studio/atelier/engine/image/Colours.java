package studio.atelier.engine.image;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** Colours as people write them and as pictures have them; a colour is {@code 0xRRGGBB}. */
public final class Colours {
    /** Pixels fainter than this are edges, whose colour says little. */
    private static final int LEAST_ALPHA = 250;

    /** Of flat art a few colours have as much, */
    private static final double FLAT_SHARE = 0.8;

    /** and the smallest shape, without its edges, as much as this. */
    private static final double LEAST_FLAT = 0.0005;

    private Colours() {}

    /**
     * A colour of a picture.
     *
     * @param rgb {@code 0xRRGGBB}
     * @param share of the opaque pixels, 0 to 1
     */
    public record Measured(int rgb, double share) {}

    /** Of {@code #rrggbb} or {@code #rgb}; empty when it is neither. */
    public static OptionalInt parse(String text) {
        String digits = text.strip().toLowerCase(Locale.ROOT).replaceFirst("^#", "");
        if (!digits.matches("[0-9a-f]{3}|[0-9a-f]{6}")) {
            return OptionalInt.empty();
        }
        if (digits.length() == 3) {
            digits = digits.replaceAll("(.)", "$1$1");
        }
        return OptionalInt.of(Integer.parseInt(digits, 16));
    }

    /** As {@code #rrggbb}. */
    public static String hex(int rgb) {
        return String.format(Locale.ROOT, "#%06x", rgb & 0xFFFFFF);
    }

    /**
     * The colours that a picture has most of. Neighbouring colours are counted together, and the most frequent of them
     * speaks for all. Of flat art, colours at edges that mix two others are none of its own.
     *
     * @param most how many at most
     */
    public static List<Measured> measure(Picture picture, int most) {
        Map<Integer, Integer> counts = new HashMap<>();
        long opaque = 0;
        for (int pixel : picture.pixels()) {
            if (pixel >>> 24 >= LEAST_ALPHA) {
                counts.merge(pixel & 0xFFFFFF, 1, Integer::sum);
                opaque++;
            }
        }
        Map<Integer, Integer> bucketCounts = new HashMap<>();
        Map<Integer, Integer> speakers = new HashMap<>();
        counts.forEach((rgb, count) -> {
            int bucket = rgb & 0xF0F0F0;
            bucketCounts.merge(bucket, count, Integer::sum);
            speakers.merge(bucket, rgb, (a, b) -> frequent(counts, a, b));
        });
        boolean flat = isFlat(counts, speakers.values(), most, opaque);
        List<Measured> measured = new ArrayList<>();
        for (Map.Entry<Integer, Integer> bucket : bucketCounts.entrySet()) {
            int rgb = speakers.getOrDefault(bucket.getKey(), 0);
            if (!flat || counts.getOrDefault(rgb, 0) >= LEAST_FLAT * opaque) {
                measured.add(new Measured(rgb, (double) bucket.getValue() / opaque));
            }
        }
        measured.sort(Comparator.comparingDouble(Measured::share).reversed().thenComparingInt(Measured::rgb));
        return List.copyOf(measured.subList(0, Math.min(most, measured.size())));
    }

    /** Whether a few single colours are nearly all of it: what else there is are edges, which mix them. */
    private static boolean isFlat(Map<Integer, Integer> counts, Collection<Integer> speakers, int most, long opaque) {
        long frequent = speakers.stream()
                .mapToLong(rgb -> counts.getOrDefault(rgb, 0))
                .sorted()
                .skip(Math.max(0, speakers.size() - most))
                .sum();
        return frequent >= FLAT_SHARE * opaque;
    }

    private static int frequent(Map<Integer, Integer> counts, int a, int b) {
        int difference = counts.getOrDefault(a, 0) - counts.getOrDefault(b, 0);
        return difference > 0 || difference == 0 && a < b ? a : b;
    }

    /**
     * Moves every pixel that is near a colour onto it: for flat art whose colours came out almost right.
     *
     * @param farthest largest distance in CIELAB (ΔE 1976) that is still moved
     */
    public static Picture snap(Picture picture, int rgb, double farthest) {
        double[] target = lab(rgb);
        int[] pixels = picture.pixels();
        for (int i = 0; i < pixels.length; i++) {
            double[] own = lab(pixels[i]);
            double distance =
                    Math.sqrt(square(own[0] - target[0]) + square(own[1] - target[1]) + square(own[2] - target[2]));
            if (distance <= farthest) {
                pixels[i] = pixels[i] & 0xFF000000 | rgb & 0xFFFFFF;
            }
        }
        return Picture.of(picture.width(), picture.height(), pixels);
    }

    private static double square(double x) {
        return x * x;
    }

    /** sRGB to CIELAB under D65 (IEC 61966-2-1, CIE 15). */
    private static double[] lab(int rgb) {
        double r = linear(rgb >> 16 & 255);
        double g = linear(rgb >> 8 & 255);
        double b = linear(rgb & 255);
        double x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        double y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
        double z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }

    private static double linear(int eightBits) {
        double c = eightBits / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }

    private static double root(double t) {
        return t > 216.0 / 24389 ? Math.cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
}
