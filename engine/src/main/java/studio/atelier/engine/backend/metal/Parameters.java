package studio.atelier.engine.backend.metal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.tensor.Weight;

/** A kernel's parameter struct: 4-byte fields in their order, matrices filled in when their addresses are known. */
final class Parameters {
    /** Fields of the struct Matrix. */
    private static final int MATRIX_FIELDS = 12;

    /** Where the planes of a weight begin, from the start of the buffers that are bound for it. */
    interface Addresses {
        long offsetBytes(Weight weight, int plane);
    }

    private sealed interface Field {
        record Number(int bits) implements Field {}

        record Matrix(Weight weight) implements Field {}

        /** Of a stack: the table has the offsets. */
        record StackMatrix(Weight weight) implements Field {}

        record NoMatrix() implements Field {}
    }

    private final List<Field> fields = new ArrayList<>();
    private int count;

    Parameters number(int value) {
        return add(new Field.Number(value), 1);
    }

    Parameters number(float value) {
        return number(Float.floatToRawIntBits(value));
    }

    Parameters flag(boolean value) {
        return number(value ? 1 : 0);
    }

    Parameters matrix(Weight weight) {
        return add(new Field.Matrix(weight), MATRIX_FIELDS);
    }

    Parameters stackMatrix(Weight each) {
        return add(new Field.StackMatrix(each), MATRIX_FIELDS);
    }

    Parameters noMatrix() {
        return add(new Field.NoMatrix(), MATRIX_FIELDS);
    }

    /** The fields that are no matrices, as bits. */
    List<Integer> numbers() {
        return fields.stream()
                .filter(Field.Number.class::isInstance)
                .map(field -> ((Field.Number) field).bits())
                .toList();
    }

    private Parameters add(Field field, int size) {
        fields.add(field);
        count += size;
        return this;
    }

    /** The struct's bytes. */
    MemorySegment write(Arena arena, Addresses addresses) {
        MemorySegment bytes = arena.allocate(4L * count, 4);
        int at = 0;
        for (Field field : fields) {
            switch (field) {
                case Field.Number(int bits) -> put(bytes, at++, bits);
                case Field.Matrix(Weight weight) -> {
                    for (int plane = 0; plane < 3; plane++) {
                        long offset = addresses.offsetBytes(weight, plane);
                        put(bytes, at++, (int) offset);
                        put(bytes, at++, (int) (offset >>> 32));
                    }
                    at = layout(bytes, at, weight);
                }
                case Field.StackMatrix(Weight weight) -> at = layout(bytes, at + 6, weight);
                case Field.NoMatrix _ -> at += MATRIX_FIELDS;
            }
        }
        return bytes;
    }

    private static int layout(MemorySegment bytes, int at, Weight weight) {
        put(bytes, at, Math.toIntExact(weight.values().rowBytes()));
        put(bytes, at + 1, Math.toIntExact(weight.scales().rowBytes()));
        put(bytes, at + 2, Math.toIntExact(weight.biases().rowBytes()));
        put(bytes, at + 3, weight.firstRow());
        put(bytes, at + 4, weight.rows());
        put(bytes, at + 5, weight.columns());
        return at + 6;
    }

    private static void put(MemorySegment bytes, int index, int value) {
        bytes.setAtIndex(ValueLayout.JAVA_INT, index, value);
    }
}
