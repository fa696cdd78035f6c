package studio.atelier.engine.image;

import java.util.Arrays;

/**
 * A picture in memory: sRGB with straight alpha, eight bits each. Immutable.
 *
 * <p>Numbers for models are {@code [Y, X, 3]} from -1 (dark) to 1 (bright).
 */
public final class Picture {
    /** Longest side. */
    public static final int MOST_SIDE = 1 << 14;

    /** Most pixels in all: a quarter of a gigabyte. */
    public static final int MOST_PIXELS = 1 << 26;

    private final int width;
    private final int height;
    private final int[] argb;

    private Picture(int width, int height, int[] argb) {
        this.width = width;
        this.height = height;
        this.argb = argb;
    }

    /**
     * A picture of these pixels.
     *
     * @param argb row by row, alpha in the highest byte; copied
     */
    public static Picture of(int width, int height, int[] argb) {
        checkSize(width, height);
        if (argb.length != width * height) {
            throw new IllegalArgumentException("pixels: expected " + width + " × " + height + ", got " + argb.length);
        }
        return new Picture(width, height, argb.clone());
    }

    /** A picture of a model's numbers, brought to eight bits by cutting off, as the published decoders do. */
    static Picture ofNumbers(int width, int height, float[] numbers) {
        checkSize(width, height);
        int[] argb = new int[width * height];
        for (int i = 0; i < argb.length; i++) {
            int red = eightBits(numbers[3 * i]);
            int green = eightBits(numbers[3 * i + 1]);
            int blue = eightBits(numbers[3 * i + 2]);
            argb[i] = 0xFF << 24 | red << 16 | green << 8 | blue;
        }
        return new Picture(width, height, argb);
    }

    private static int eightBits(float number) {
        return (int) Math.clamp((number + 1) / 2 * 255, 0f, 255f);
    }

    static void checkSize(int width, int height) {
        if (width < 1 || height < 1 || width > MOST_SIDE || height > MOST_SIDE || (long) width * height > MOST_PIXELS) {
            throw new IllegalArgumentException("size: expected sides of 1 to " + MOST_SIDE + " and at most "
                    + MOST_PIXELS + " pixels, got " + width + " × " + height);
        }
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** One pixel, alpha in the highest byte. */
    public int argb(int x, int y) {
        return argb[y * width + x];
    }

    /** All pixels, row by row; a copy. */
    public int[] pixels() {
        return argb.clone();
    }

    /** Whether every pixel is opaque. */
    public boolean opaque() {
        for (int pixel : argb) {
            if (pixel >>> 24 != 255) {
                return false;
            }
        }
        return true;
    }

    /** The picture laid on a colour, {@code 0xRRGGBB}; opaque. */
    public Picture over(int background) {
        int[] laid = new int[argb.length];
        for (int i = 0; i < laid.length; i++) {
            int alpha = argb[i] >>> 24;
            int mixed = 0xFF;
            for (int shift = 16; shift >= 0; shift -= 8) {
                int front = argb[i] >> shift & 255;
                int back = background >> shift & 255;
                mixed = mixed << 8 | (front * alpha + back * (255 - alpha) + 127) / 255;
            }
            laid[i] = mixed;
        }
        return new Picture(width, height, laid);
    }

    /** The numbers that models read; what is transparent is laid on white. */
    float[] numbers() {
        int[] laid = opaque() ? argb : over(0xFFFFFF).argb;
        float[] numbers = new float[3 * laid.length];
        for (int i = 0; i < laid.length; i++) {
            numbers[3 * i] = (laid[i] >> 16 & 255) / 127.5f - 1;
            numbers[3 * i + 1] = (laid[i] >> 8 & 255) / 127.5f - 1;
            numbers[3 * i + 2] = (laid[i] & 255) / 127.5f - 1;
        }
        return numbers;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Picture that
                && width == that.width
                && height == that.height
                && Arrays.equals(argb, that.argb);
    }

    @Override
    public int hashCode() {
        return 31 * width + Arrays.hashCode(argb);
    }

    @Override
    public String toString() {
        return "picture of " + width + " × " + height;
    }
}
