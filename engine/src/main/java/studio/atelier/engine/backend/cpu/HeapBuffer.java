package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.Tensor;

/** Floats on the Java heap. */
record HeapBuffer(float[] floats) implements Buffer {
    /** The array under a tensor of this backend. */
    static float[] of(Tensor tensor) {
        return of(tensor.buffer());
    }

    /** The array of a buffer of this backend. */
    static float[] of(Buffer buffer) {
        if (buffer instanceof HeapBuffer heap) {
            return heap.floats;
        }
        throw new IllegalArgumentException("tensor: expected floats of the CPU, got " + buffer.getClass());
    }

    @Override
    public int capacity() {
        return floats.length;
    }

    @Override
    public void read(float[] target, int count) {
        read(target, 0, count);
    }

    @Override
    public void read(float[] target, int at, int count) {
        System.arraycopy(floats, 0, target, at, count);
    }
}
