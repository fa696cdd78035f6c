package studio.atelier.engine.tensor;

/**
 * Float32 activations in a backend's memory, dense and row-major.
 *
 * <p>Made by a {@link Backend} within a {@link Pass} and gone with it, or made to last. Belongs to the engine thread.
 */
public final class Tensor {
    private final Shape shape;
    private final Buffer buffer;

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

    /** The same elements under other axes. */
    public Tensor reshape(int... axes) {
        Shape wanted = Shape.of(axes);
        if (wanted.size() != shape.size()) {
            throw new IllegalArgumentException("reshape: expected " + shape.size() + " elements, got " + wanted);
        }
        return new Tensor(wanted, buffer);
    }

    /** Brings all elements to the Java heap, waiting for what is still being computed. */
    public void copyTo(float[] target) {
        if (target.length < shape.size()) {
            throw new IllegalArgumentException("target: expected " + shape.size() + " floats, got " + target.length);
        }
        buffer.read(target, shape.size());
    }
}
