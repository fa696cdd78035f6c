package studio.atelier.engine.tensor;

/** A piece of a backend's memory that holds floats. */
public interface Buffer {
    /** Floats it can hold. */
    int capacity();

    /** Bytes that each of them takes. */
    default int elementBytes() {
        return Float.BYTES;
    }

    /** Bytes that so many of them take, from the first on. */
    default long sizeBytes(int elements) {
        return (long) elementBytes() * elements;
    }

    /** Whether each of them is kept as a bfloat16. */
    default boolean holdsBfloat16() {
        return false;
    }

    /** Copies the first {@code count} floats out, waiting for what is still being computed. */
    void read(float[] target, int count);

    /** As {@link #read(float[], int)}, to elements {@code at ..} of the target. */
    default void read(float[] target, int at, int count) {
        float[] copied = new float[count];
        read(copied, count);
        System.arraycopy(copied, 0, target, at, count);
    }
}
