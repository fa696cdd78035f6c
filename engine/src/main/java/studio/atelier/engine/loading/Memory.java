package studio.atelier.engine.loading;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * The memory of a machine.
 *
 * @param totalBytes all of it; in a container what the container may use
 * @param heapBytes how much of it this program may use for what it computes
 */
record Memory(long totalBytes, long heapBytes) {
    /** A context below this is of no use to anyone; models made for less are held to their own. */
    private static final int LEAST_CONTEXT_TOKENS = 1024;

    /** What is left of the heap for KV caches when everything else has its place. */
    private static final double CACHE_SHARE = 0.6;

    static Memory ofThisMachine() {
        long heapBytes = Runtime.getRuntime().maxMemory();
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine) {
            return new Memory(machine.getTotalMemorySize(), heapBytes);
        }
        return new Memory(Long.MAX_VALUE, heapBytes);
    }

    /** Refuses weights that can't lie in it: paging through a model for every token is no use to anyone. */
    void require(long weightBytes) throws EngineException {
        if (weightBytes > totalBytes) {
            throw new EngineException(
                    Reason.MEMORY_TOO_SMALL,
                    String.format(
                            Locale.ROOT,
                            "The model's weights take %.1f GB and this machine has %.1f GB of memory; choose a smaller"
                                    + " model or one with fewer bits.",
                            weightBytes / 1e9,
                            totalBytes / 1e9));
        }
    }

    /**
     * How long a context may be beside these weights.
     *
     * @param modelTokens most that the model was made for
     * @param askedTokens what the person wants, at most; 0 for as much as there can be
     * @throws EngineException when what was asked for, or a context of any use, has no room
     */
    int contextTokens(long weightBytes, long bytesPerToken, int modelTokens, int askedTokens) throws EngineException {
        int wanted = askedTokens == 0 ? modelTokens : Math.min(askedTokens, modelTokens);
        int least = askedTokens == 0 ? Math.min(wanted, LEAST_CONTEXT_TOKENS) : wanted;
        long roomBytes = Math.min(Math.max(0, totalBytes - weightBytes), (long) (heapBytes * CACHE_SHARE));
        long fitting = bytesPerToken == 0 ? wanted : roomBytes / bytesPerToken;
        if (fitting < least) {
            throw new EngineException(
                    Reason.MEMORY_TOO_SMALL,
                    String.format(
                            Locale.ROOT,
                            "The model's weights take %.1f GB and the memory of %d tokens %.1f GB, but this machine has"
                                    + " %.1f GB, %.1f GB of them for such memory; choose a smaller context or a smaller"
                                    + " model.",
                            weightBytes / 1e9,
                            least,
                            (double) least * bytesPerToken / 1e9,
                            totalBytes / 1e9,
                            roomBytes / 1e9));
        }
        return (int) Math.min(wanted, fitting);
    }
}
