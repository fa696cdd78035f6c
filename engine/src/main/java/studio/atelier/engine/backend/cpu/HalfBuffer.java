package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.Float8;

/**
 * Numbers of a cache as bfloat16: half the bytes to read for every token. Outside the Java heap, where emitted kernels can
 * read them; freed with the last reference.
 */
record HalfBuffer(MemorySegment halves) implements Buffer {
    static HalfBuffer of(int capacity) {
        return new HalfBuffer(Arena.ofAuto().allocate(2L * capacity, 64));
    }

    @Override
    public int capacity() {
        return Math.toIntExact(halves.byteSize() / Short.BYTES);
    }

    @Override
    public int elementBytes() {
        return Short.BYTES;
    }

    @Override
    public void read(float[] target, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = Float8.fromBfloat16(halves.getAtIndex(ValueLayout.JAVA_SHORT, i));
        }
    }
}
