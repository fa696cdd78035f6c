package studio.atelier.engine.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** How many bytes per second this machine reads from its memory: what decoding can't exceed. */
public final class ReadBandwidth {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final long SIZE_BYTES = 512L << 20;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int ROUNDS = 5;

    private ReadBandwidth() {}

    /**
     * Reads half a gigabyte a few times with this many threads; the best round counts, by the time that the calling thread
     * had a core.
     */
    public static double bytesPerSecond(int threadCount) {
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        AtomicLong sum = new AtomicLong();
        double best = 0;
        try (Arena arena = Arena.ofShared();
                CpuThreads threads = new CpuThreads(threadCount)) {
            MemorySegment bytes = arena.allocate(SIZE_BYTES, 64);
            bytes.fill((byte) 1);
            int chunks = (int) (SIZE_BYTES / CHUNK_BYTES);
            for (int round = 0; round < ROUNDS; round++) {
                long start = clock.getCurrentThreadCpuTime();
                threads.share(
                        chunks,
                        8,
                        (from, to, worker) ->
                                sum.addAndGet(read(bytes, from * (long) CHUNK_BYTES, to * (long) CHUNK_BYTES)));
                best = Math.max(best, SIZE_BYTES * 1e9 / (clock.getCurrentThreadCpuTime() - start));
            }
        }
        return best;
    }

    private static long read(MemorySegment bytes, long from, long to) {
        LongVector a = LongVector.zero(LONGS);
        LongVector b = a;
        int step = LONGS.vectorByteSize();
        for (long at = from; at < to; at += 2L * step) {
            a = a.add(LongVector.fromMemorySegment(LONGS, bytes, at, ByteOrder.LITTLE_ENDIAN));
            b = b.add(LongVector.fromMemorySegment(LONGS, bytes, at + step, ByteOrder.LITTLE_ENDIAN));
        }
        return a.add(b).reduceLanes(VectorOperators.ADD);
    }
}
