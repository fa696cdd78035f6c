package studio.atelier.engine.backend.cpu;

import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.Float8;

/** Numbers of a cache as bfloat16 on the Java heap: half the bytes to read for every token. */
record HalfBuffer(short[] halves) implements Buffer {
    @Override
    public int capacity() {
        return halves.length;
    }

    @Override
    public int elementBytes() {
        return Short.BYTES;
    }

    @Override
    public boolean holdsBfloat16() {
        return true;
    }

    @Override
    public void read(float[] target, int count) {
        for (int i = 0; i < count; i++) {
            target[i] = Float8.fromBfloat16(halves[i]);
        }
    }
}
