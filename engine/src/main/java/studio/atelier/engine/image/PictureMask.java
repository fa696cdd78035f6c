package studio.atelier.engine.image;

import java.util.BitSet;

/** Which part of a picture is to be changed; the rest is to stay. Immutable. */
public final class PictureMask {
    private static final int LIGHT = 128;

    private final int width;
    private final int height;
    private final BitSet changed;

    private PictureMask(int width, int height, BitSet changed) {
        this.width = width;
        this.height = height;
        this.changed = changed;
    }

    /**
     * A mask of these pixels; it is stretched over the picture it is used with.
     *
     * @param changed row by row, a bit for each pixel that is to be changed; copied
     */
    public static PictureMask of(int width, int height, BitSet changed) {
        Picture.checkSize(width, height);
        return new PictureMask(width, height, changed.get(0, width * height));
    }

    /** What is white or transparent in a picture is to be changed, what is black is to stay. */
    public static PictureMask of(Picture picture) {
        BitSet changed = new BitSet(picture.width() * picture.height());
        for (int y = 0; y < picture.height(); y++) {
            for (int x = 0; x < picture.width(); x++) {
                int argb = picture.argb(x, y);
                int light = Math.max(argb >> 16 & 255, Math.max(argb >> 8 & 255, argb & 255));
                changed.set(y * picture.width() + x, argb >>> 24 < LIGHT || light >= LIGHT);
            }
        }
        return new PictureMask(picture.width(), picture.height(), changed);
    }

    /** Whether nothing is to be changed. */
    public boolean isEmpty() {
        return changed.isEmpty();
    }

    /**
     * How much of a rectangle is to be changed, from 0 to 1. Its sides are shares of the picture's; what lies beyond the
     * picture stays.
     */
    double share(double left, double top, double right, double bottom) {
        int firstColumn = (int) Math.floor(left * width + 1e-6);
        int firstRow = (int) Math.floor(top * height + 1e-6);
        int endColumn = Math.max(firstColumn + 1, (int) Math.ceil(right * width - 1e-6));
        int endRow = Math.max(firstRow + 1, (int) Math.ceil(bottom * height - 1e-6));
        int count = 0;
        for (int y = Math.max(0, firstRow); y < Math.min(height, endRow); y++) {
            int from = y * width + Math.clamp(firstColumn, 0, width);
            int to = y * width + Math.clamp(endColumn, 0, width);
            count += changed.get(from, Math.max(from, to)).cardinality();
        }
        return (double) count / ((long) (endColumn - firstColumn) * (endRow - firstRow));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PictureMask that
                && width == that.width
                && height == that.height
                && changed.equals(that.changed);
    }

    @Override
    public int hashCode() {
        return 31 * width + changed.hashCode();
    }
}
