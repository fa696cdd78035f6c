package studio.atelier.engine.tokenizer;

import java.util.Arrays;

/** A binary heap of possible merges, lowest rank first and leftmost position first among equals. */
final class MergeQueue {
    // Rank in the upper half, position in the lower: the order of the longs is the order of the merges.
    private long[] heap;
    private int size;

    MergeQueue(int expectedSize) {
        heap = new long[Math.max(4, expectedSize)];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(int rank, int position) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        long entry = (long) rank << 32 | position;
        int slot = size++;
        while (slot > 0 && heap[(slot - 1) / 2] > entry) {
            heap[slot] = heap[(slot - 1) / 2];
            slot = (slot - 1) / 2;
        }
        heap[slot] = entry;
    }

    /** Removes the first; {@link #rank} and {@link #position} take the result apart. */
    long remove() {
        long first = heap[0];
        long moved = heap[--size];
        int slot = 0;
        while (slot * 2 + 1 < size) {
            int child = slot * 2 + 1;
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= moved) {
                break;
            }
            heap[slot] = heap[child];
            slot = child;
        }
        heap[slot] = moved;
        return first;
    }

    static int rank(long entry) {
        return (int) (entry >>> 32);
    }

    static int position(long entry) {
        return (int) entry;
    }
}
