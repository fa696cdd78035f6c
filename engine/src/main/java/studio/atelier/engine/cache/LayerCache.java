package studio.atelier.engine.cache;

import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * Two numbers of rows per layer that grow with the positions read: keys {@code [T, K, D]} and values for full
 * attention, latents {@code [T, R]} and rotary keys {@code [T, Dr]} for latent attention.
 */
public final class LayerCache {
    private static final int FIRST_ROWS = 256;

    private final Backend backend;
    private Tensor first;
    private Tensor second;

    private LayerCache(Backend backend, Shape firstShape, Shape secondShape) {
        this.backend = backend;
        this.first = backend.allocateCache(firstShape);
        this.second = backend.allocateCache(secondShape);
    }

    /** For full attention: keys and values of {@code heads} heads. */
    public static LayerCache full(Backend backend, int heads, int size) {
        return new LayerCache(backend, Shape.of(FIRST_ROWS, heads, size), Shape.of(FIRST_ROWS, heads, size));
    }

    /** For latent attention. */
    public static LayerCache latent(Backend backend, int rank, int ropeSize) {
        return new LayerCache(backend, Shape.of(FIRST_ROWS, rank), Shape.of(FIRST_ROWS, ropeSize));
    }

    /** Writes the rows of new positions. */
    public void store(Tensor newFirst, Tensor newSecond, int position) {
        int needed = position + newFirst.shape().axis(0);
        if (needed > first.shape().axis(0)) {
            // By half: doubling would leave up to half of a long context's memory unused.
            int capacity = Math.max(needed, first.shape().axis(0) / 2 * 3);
            first = grown(first, capacity, position);
            second = grown(second, capacity, position);
        }
        backend.store(newFirst, first, position);
        backend.store(newSecond, second, position);
    }

    /** Bytes that one position takes. */
    long bytesPerPosition() {
        long bytes = first.buffer().sizeBytes(first.shape().size())
                + second.buffer().sizeBytes(second.shape().size());
        return bytes / first.shape().axis(0);
    }

    /** Keys or latents; rows behind the positions read hold nothing of meaning. */
    public Tensor first() {
        return first;
    }

    /** Values or rotary keys. */
    public Tensor second() {
        return second;
    }

    /** The first rows of {@link #first()} or {@link #second()}, for a snapshot. */
    SnapshotPart copy(int rows, boolean ofSecond) {
        Tensor tensor = ofSecond ? second : first;
        int width = tensor.shape().size() / tensor.shape().axis(0);
        float[] values = new float[rows * width];
        tensor.buffer().read(values, values.length);
        return new SnapshotPart(rows, width, tensor.buffer().holdsBfloat16(), values);
    }

    /** Stores the rows of a snapshot from the beginning on. Returns whether they are as wide as this layer's. */
    boolean restore(SnapshotPart newFirst, SnapshotPart newSecond) {
        if (!fits(newFirst, first) || !fits(newSecond, second) || newFirst.rows() != newSecond.rows()) {
            return false;
        }
        if (newFirst.rows() > 0) {
            try (Pass _ = backend.beginPass()) {
                store(uploaded(newFirst, first), uploaded(newSecond, second), 0);
            }
        }
        return true;
    }

    private static boolean fits(SnapshotPart part, Tensor tensor) {
        return part.width() == tensor.shape().size() / tensor.shape().axis(0)
                && part.half() == tensor.buffer().holdsBfloat16();
    }

    private Tensor uploaded(SnapshotPart part, Tensor as) {
        int[] axes = new int[as.shape().rank()];
        for (int i = 1; i < axes.length; i++) {
            axes[i] = as.shape().axis(i);
        }
        axes[0] = part.rows();
        return backend.upload(Shape.of(axes), part.values());
    }

    private Tensor grown(Tensor old, int capacity, int filled) {
        int[] axes = new int[old.shape().rank()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = old.shape().axis(i);
        }
        axes[0] = capacity;
        Tensor larger = backend.allocateCache(Shape.of(axes));
        axes[0] = filled;
        if (filled > 0) {
            backend.store(new Tensor(Shape.of(axes), old.buffer()), larger, 0);
        }
        return larger;
    }
}
