package studio.atelier.engine.image;

/**
 * Bicubic scaling that takes every source pixel into account when it makes a picture smaller, as Pillow does: Keys' kernel
 * with a = -0.5 (1981), widened by the factor.
 */
final class Scaling {
    private static final double A = -0.5;

    private Scaling() {}

    static Picture scaled(Picture picture, int width, int height) {
        Picture.checkSize(width, height);
        if (picture.width() == width && picture.height() == height) {
            return picture;
        }
        int[] pixels = picture.pixels();
        double[] premultiplied = new double[4 * pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            double alpha = pixels[i] >>> 24;
            premultiplied[4 * i] = alpha;
            premultiplied[4 * i + 1] = (pixels[i] >> 16 & 255) * alpha / 255;
            premultiplied[4 * i + 2] = (pixels[i] >> 8 & 255) * alpha / 255;
            premultiplied[4 * i + 3] = (pixels[i] & 255) * alpha / 255;
        }
        double[] narrow =
                along(premultiplied, picture.width(), width, picture.height(), 4, 4 * picture.width(), 4 * width);
        double[] both = along(narrow, picture.height(), height, width, 4 * width, 4, 4);
        int[] out = new int[width * height];
        for (int i = 0; i < out.length; i++) {
            double alpha = Math.clamp(both[4 * i], 0, 255);
            int value = (int) Math.round(alpha);
            for (int c = 1; c < 4; c++) {
                double colour = alpha == 0 ? 0 : both[4 * i + c] * 255 / alpha;
                value = value << 8 | (int) Math.round(Math.clamp(colour, 0, 255));
            }
            out[i] = value;
        }
        return Picture.of(width, height, out);
    }

    /**
     * Scales one axis.
     *
     * @param lines how many lines lie side by side
     * @param step from one pixel of a line to the next, in source and target
     * @param sourceLine from one line to the next in the source
     * @param targetLine from one line to the next in the target
     */
    private static double[] along(
            double[] source, int from, int to, int lines, int step, int sourceLine, int targetLine) {
        double[] target = new double[4 * to * lines];
        double factor = (double) from / to;
        double reach = 2 * Math.max(1, factor);
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * factor;
            int first = Math.max(0, (int) (centre - reach + 0.5));
            int last = Math.min(from, (int) (centre + reach + 0.5));
            double[] shares = new double[last - first];
            double sum = 0;
            for (int s = first; s < last; s++) {
                shares[s - first] = kernel((s + 0.5 - centre) / Math.max(1, factor));
                sum += shares[s - first];
            }
            for (int line = 0; line < lines; line++) {
                for (int c = 0; c < 4; c++) {
                    double value = 0;
                    for (int s = first; s < last; s++) {
                        value += shares[s - first] * source[line * sourceLine + s * step + c];
                    }
                    target[line * targetLine + i * step + c] = value / sum;
                }
            }
        }
        return target;
    }

    private static double kernel(double x) {
        double d = Math.abs(x);
        if (d < 1) {
            return ((A + 2) * d - (A + 3)) * d * d + 1;
        }
        return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
    }

    /** The middle of a picture. */
    static Picture cut(Picture picture, int width, int height) {
        int left = (picture.width() - width) / 2;
        int top = (picture.height() - height) / 2;
        int[] pixels = new int[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                pixels[y * width + x] = picture.argb(left + x, top + y);
            }
        }
        return Picture.of(width, height, pixels);
    }

    /** Where a picture lies within a square. */
    record Frame(int left, int top, int width, int height) {}

    /** As large as fits into a square, in the middle. */
    static Frame frame(Picture picture, int side) {
        double factor = (double) side / Math.max(picture.width(), picture.height());
        int width = Math.clamp((int) (picture.width() * factor), Math.min(14, side), side);
        int height = Math.clamp((int) (picture.height() * factor), Math.min(14, side), side);
        return new Frame((side - width) / 2, (side - height) / 2, width, height);
    }

    /** As large as fits into a square, centred on grey: how Janus is shown pictures. */
    static Picture framed(Picture picture, int side, int background) {
        Frame frame = frame(picture, side);
        Picture small = scaled(picture, frame.width, frame.height).over(background);
        int[] framed = new int[side * side];
        java.util.Arrays.fill(framed, 0xFF << 24 | background);
        for (int y = 0; y < frame.height; y++) {
            for (int x = 0; x < frame.width; x++) {
                framed[(frame.top + y) * side + frame.left + x] = small.argb(x, y);
            }
        }
        return Picture.of(side, side, framed);
    }
}
