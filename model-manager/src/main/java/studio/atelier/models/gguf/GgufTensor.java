package studio.atelier.models.gguf;

import java.lang.foreign.MemorySegment;

/**
 * A tensor as it lies in a GGUF file.
 *
 * @param shape slowest axis first, as everywhere else here; the file has it the other way round
 * @param bytes read-only view of the mapped file, valid until the file is closed
 */
public record GgufTensor(String name, GgufType type, long[] shape, MemorySegment bytes) {
    public GgufTensor {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Numbers of a row, the last axis. */
    public int columns() {
        return Math.toIntExact(shape[shape.length - 1]);
    }

    /** How many rows, all axes but the last together. */
    public long rows() {
        long rows = 1;
        for (int i = 0; i < shape.length - 1; i++) {
            rows *= shape[i];
        }
        return rows;
    }

    /** Decodes a row. */
    public void read(long row, float[] into, int at) {
        GgufDecoder.decode(type, bytes, row * type.rowBytes(columns()), into, at, columns());
    }
}
