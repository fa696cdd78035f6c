package studio.atelier.engine.tensor;

import java.util.Arrays;

/** The lengths of a tensor's axes, slowest first. Immutable. */
public final class Shape {
    private final int[] axes;
    private final int size;

    private Shape(int[] axes) {
        this.axes = axes;
        int product = 1;
        for (int axis : axes) {
            if (axis < 0) {
                throw new IllegalArgumentException("shape: expected no negative axis, got " + Arrays.toString(axes));
            }
            product = Math.multiplyExact(product, axis);
        }
        this.size = product;
    }

    public static Shape of(int... axes) {
        return new Shape(axes.clone());
    }

    /** Whether it is {@code [rows, width]}. */
    boolean is(int rows, int width) {
        return axes.length == 2 && axes[0] == rows && axes[1] == width;
    }

    /** Whether it is {@code [rows, middle, width]}. */
    boolean is(int rows, int middle, int width) {
        return axes.length == 3 && axes[0] == rows && axes[1] == middle && axes[2] == width;
    }

    /** Number of axes. */
    public int rank() {
        return axes.length;
    }

    /** Length of one axis; negative numbers count from the last. */
    public int axis(int index) {
        return axes[index < 0 ? axes.length + index : index];
    }

    /** Number of elements. */
    public int size() {
        return size;
    }

    /** Length of the last axis. */
    public int width() {
        return axis(-1);
    }

    /** Number of rows when all axes but the last are laid end to end. */
    public int rows() {
        return width() == 0 ? 0 : size / width();
    }

    /** The same rows with another width. */
    public Shape withWidth(int width) {
        int[] changed = axes.clone();
        changed[changed.length - 1] = width;
        return new Shape(changed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape that && Arrays.equals(axes, that.axes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(axes);
    }

    @Override
    public String toString() {
        return Arrays.toString(axes);
    }
}
