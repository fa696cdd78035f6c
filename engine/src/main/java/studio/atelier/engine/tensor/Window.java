package studio.atelier.engine.tensor;

/**
 * How a convolution's window goes over a picture.
 *
 * @param height rows of the window
 * @param width columns of the window
 * @param stride pixels from one position to the next, both ways
 * @param before rows above and columns left of the picture that are taken as zero
 * @param after rows below and columns right of it
 */
public record Window(int height, int width, int stride, int before, int after) {
    public Window {
        if (height < 1 || width < 1 || stride < 1 || before < 0 || after < 0) {
            throw new IllegalArgumentException("window: expected sizes of at least 1 and no negative border, got "
                    + height + " × " + width + ", stride " + stride + ", borders " + before + " and " + after);
        }
    }

    /** Each pixel for itself. */
    public static final Window PIXEL = new Window(1, 1, 1, 0, 0);

    /** Three by three around each pixel; the picture keeps its size. */
    public static final Window AROUND = new Window(3, 3, 1, 1, 1);

    /** Three by three around every second pixel, with a border only below and right: half the size. */
    public static final Window HALVING = new Window(3, 3, 2, 0, 1);

    /** Squares side by side. */
    public static Window patches(int size) {
        return new Window(size, size, size, 0, 0);
    }

    /** Positions along an axis of this many pixels. */
    public int positions(int pixels, int size) {
        int room = pixels + before + after - size;
        if (room < 0) {
            throw new IllegalArgumentException(
                    "picture: expected at least " + (size - before - after) + " pixels a side, got " + pixels);
        }
        return room / stride + 1;
    }
}
