package studio.atelier.engine.backend.cpu;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Shape;
import studio.atelier.engine.tensor.Tensor;

/**
 * Arrays that passes use again and again: a decode step asks for the same sizes as the one before, so after the first
 * nothing is allocated. Belongs to the engine thread.
 */
final class PassMemory implements Pass {
    /** Arrays of a long prefill are not kept for ever: past this many floats the free ones are dropped. */
    private static final long KEPT_FLOATS = 16L << 20;

    private final Map<Integer, Deque<float[]>> free = new HashMap<>();
    private final List<float[]> taken = new ArrayList<>();
    private long freeFloats;
    private boolean open;

    void begin() {
        if (open) {
            throw new IllegalStateException("a pass is already open");
        }
        open = true;
    }

    /** A tensor whose elements are not cleared. */
    Tensor allocate(Shape shape) {
        if (!open) {
            throw new IllegalStateException("no pass is open");
        }
        return new Tensor(shape, new HeapBuffer(take(shape.size())));
    }

    /** An array of at least this many floats, given back with the pass. */
    float[] take(int count) {
        int capacity = capacityFor(count);
        Deque<float[]> fitting = free.get(capacity);
        float[] array;
        if (fitting == null || fitting.isEmpty()) {
            array = new float[capacity];
        } else {
            array = fitting.pop();
            freeFloats -= capacity;
        }
        taken.add(array);
        return array;
    }

    /** Sizes in steps of an eighth, so that prompts of nearly the same length share arrays. */
    private static int capacityFor(int count) {
        if (count <= 64) {
            return 64;
        }
        int step = Math.max(8, Integer.highestOneBit(count - 1) >> 3);
        return Math.ceilDiv(count, step) * step;
    }

    @Override
    public void close() {
        open = false;
        if (freeFloats > KEPT_FLOATS) {
            free.clear();
            freeFloats = 0;
        }
        for (float[] array : taken) {
            free.computeIfAbsent(array.length, _ -> new ArrayDeque<>()).push(array);
            freeFloats += array.length;
        }
        taken.clear();
    }
}
