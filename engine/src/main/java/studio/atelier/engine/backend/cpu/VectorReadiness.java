package studio.atelier.engine.backend.cpu;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.RowDecoder;

/**
 * Whether {@link AffineCodes}' vector loops are machine code yet. Before, every vector in them is an object, which a small
 * trial shows by what it allocates. Belongs to one thread at a time.
 */
public final class VectorReadiness {
    /** Compiled, a trial allocates its results; before, tens of kilobytes. */
    private static final long MOST_BYTES = 2_048;
    /** The compiler counts calls, so a look is several small trials and not a large one. */
    private static final int TRIALS = 4;
    /** After so many looks the compiler knows, and is waited for with fewer trials. */
    private static final int PATIENCE = 150;

    private static final int SELDOM = 8;

    private int bits;
    private int groupSize;
    private DType type = DType.F32;
    private boolean ready;
    private int looks;

    /**
     * Tries, unless these loops were found ready before.
     *
     * @param type the type that numbers are rounded to
     */
    public boolean isReady(int groupSize, int bits, DType type) {
        boolean same = this.groupSize == groupSize && this.bits == bits && this.type == type;
        if (!same) {
            looks = 0;
        }
        looks++;
        if (!same || !ready && (looks < PATIENCE || looks % SELDOM == 0)) {
            this.groupSize = groupSize;
            this.bits = bits;
            this.type = type;
            ready = isCompiled();
        }
        return ready;
    }

    private boolean isCompiled() {
        if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads)
                || !threads.isThreadAllocatedMemorySupported()
                || !threads.isThreadAllocatedMemoryEnabled()) {
            return true;
        }
        MemorySegment patterns = patterns(groupSize);
        int count = 2 * groupSize;
        float[] numbers = new float[count];
        byte[] packed = new byte[count];
        float[] scales = new float[2];
        float[] biases = new float[2];
        long allocatedBytes = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            AffineCodes.fromBfloat16(patterns, 2L * trial * count, count, numbers, 0);
            AffineCodes.round(numbers, count, DType.BF16);
            AffineCodes.quantize(numbers, 2, groupSize, bits, type, packed, scales, biases);
            allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;
        }
        return allocatedBytes <= MOST_BYTES;
    }

    /** Groups of every kind, two for each trial: a way that was never gone is not compiled. */
    private static MemorySegment patterns(int groupSize) {
        MemorySegment patterns = MemorySegment.ofArray(new byte[2 * 2 * TRIALS * groupSize]);
        for (int i = 0; i < 2 * TRIALS * groupSize; i++) {
            float part = i * 37 % groupSize / (float) groupSize;
            float value =
                    switch (i / groupSize) {
                        case 0 -> part - 0.3f;
                        case 1 -> 0.3f - part;
                        case 2 -> part + 0.1f;
                        case 3 -> -part - 0.1f;
                        case 4 -> 0;
                        default -> 0.01f * (part - 0.5f);
                    };
            patterns.set(RowDecoder.SHORT, 2L * i, (short) (Float.floatToRawIntBits(value) >>> 16));
        }
        return patterns;
    }
}
