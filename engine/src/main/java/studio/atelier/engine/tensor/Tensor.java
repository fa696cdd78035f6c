package studio.atelier.engine.tensor;

import org.jspecify.annotations.Nullable;

/**
 * Float32 activations in a backend's memory, dense and row-major.
 *
 * <p>Made by a {@link Backend} within a {@link Pass} and gone with it, or made to last. Belongs to the engine thread.
 */
public final class Tensor {
    private final Shape shape;
    private final Buffer buffer;
    /** What {@link #reshape} gave last: a tensor that is used again is seen under the same axes again. */
    private @Nullable Tensor reshaped;

    /** A tensor over a backend's memory; only backends call this. */
    public Tensor(Shape shape, Buffer buffer) {
        if (buffer.capacity() < shape.size()) {
            throw new IllegalArgumentException(
                    "buffer: expected " + shape.size() + " elements for " + shape + ", got " + buffer.capacity());
        }
        this.shape = shape;
        this.buffer = buffer;
    }

    public Shape shape() {
        return shape;
    }

    /** Where the elements lie; only the backend that made it knows more. */
    public Buffer buffer() {
        return buffer;
    }

    /** The same elements as {@code [rows, width]}. */
    public Tensor reshape(int rows, int width) {
        Tensor last = reshaped;
        return last != null && last.shape.is(rows, width) ? last : reshape(Shape.of(rows, width));
    }

    /** The same elements as {@code [rows, middle, width]}. */
    public Tensor reshape(int rows, int middle, int width) {
        Tensor last = reshaped;
        return last != null && last.shape.is(rows, middle, width) ? last : reshape(Shape.of(rows, middle, width));
    }

    private Tensor reshape(Shape wanted) {
        if (wanted.size() != shape.size()) {
            throw new IllegalArgumentException("reshape: expected " + shape.size() + " elements, got " + wanted);
        }
        Tensor other = new Tensor(wanted, buffer);
        reshaped = other;
        return other;
    }

    /** Brings all elements to the Java heap, waiting for what is still being computed. */
    public void copyTo(float[] target) {
        if (target.length < shape.size()) {
            throw new IllegalArgumentException("target: expected " + shape.size() + " floats, got " + target.length);
        }
        buffer.read(target, shape.size());
    }

    /** As {@link #copyTo(float[])}, to elements {@code at ..} of the target. */
    public void copyTo(float[] target, int at) {
        if (target.length - at < shape.size()) {
            throw new IllegalArgumentException(
                    "target: expected " + shape.size() + " floats from " + at + " on, got " + (target.length - at));
        }
        buffer.read(target, at, shape.size());
    }
}
