package studio.atelier.engine.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import studio.atelier.engine.tensor.DType;

/**
 * A tensor as it lies in a file: row-major, little-endian, at any alignment.
 *
 * @param name as the file spells it
 * @param shape slowest axis first; empty for a single number
 * @param bytes read-only view of the mapped file, valid until the file is closed
 * @param file for messages
 */
public record StoredTensor(String name, DType dtype, long[] shape, MemorySegment bytes, Path file) {
    public StoredTensor {
        shape = shape.clone();
        long expected = dtype.sizeBytes();
        for (long axis : shape) {
            expected = Math.multiplyExact(expected, axis);
        }
        if (bytes.byteSize() != expected) {
            throw new IllegalArgumentException(name + ": expected " + expected + " bytes, got " + bytes.byteSize());
        }
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    public int rank() {
        return shape.length;
    }

    /** The length of one axis. */
    public long axis(int index) {
        return shape[index];
    }

    /** How many numbers. */
    public long count() {
        return bytes.byteSize() / dtype.sizeBytes();
    }

    public long sizeBytes() {
        return bytes.byteSize();
    }

    @Override
    public String toString() {
        return name + " " + dtype + " " + Arrays.toString(shape);
    }
}
