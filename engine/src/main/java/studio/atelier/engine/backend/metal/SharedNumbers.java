package studio.atelier.engine.backend.metal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Numbers in memory that GPU and processor share, as the processor reads and copies them while no command runs. */
final class SharedNumbers {
    private SharedNumbers() {}

    /** Where a value lies. */
    static MemorySegment memory(Value value) {
        Region region = value.region;
        if (region == null) {
            throw new IllegalStateException("numbers of a pass that has ended");
        }
        return region.memory();
    }

    /** All numbers of a value. */
    static float[] read(Value value) {
        float[] numbers = new float[value.size];
        MemorySegment memory = memory(value);
        if (value.cacheTyped) {
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, i));
            }
        } else {
            MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, 0, numbers, 0, numbers.length);
        }
        return numbers;
    }

    /** Rows of one lasting value into another from a row on: a cache that grows, or what a snapshot kept. */
    static void copy(Input from, Input to, int firstRow) {
        Value source = from.value();
        Value target = to.value();
        int count = from.shape().size();
        long at = (long) firstRow * (to.shape().size() / to.shape().axis(0));
        if (source.cacheTyped == target.cacheTyped) {
            long elementBytes = source.elementBytes();
            MemorySegment.copy(memory(source), 0, memory(target), elementBytes * at, elementBytes * count);
        } else if (target.cacheTyped) {
            MemorySegment floats = memory(source);
            MemorySegment halves = memory(target);
            for (int i = 0; i < count; i++) {
                float number = floats.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                halves.setAtIndex(ValueLayout.JAVA_SHORT, at + i, Float.floatToFloat16(number));
            }
        } else {
            throw new IllegalArgumentException("store: expected a lasting tensor and a cache, or two of one kind");
        }
    }
}
