package studio.atelier.engine.backend.metal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one pass through a model costs on the GPU, counted from its dispatches.
 *
 * @param dispatches kernel launches
 * @param commandBuffers pieces in which they are handed over
 * @param hostWaits how often the processor waits in the middle; the one at the end, for the token, is not counted
 * @param weightBytes read of weights
 * @param cacheBytes read of keys and values
 * @param otherBytes read and written of activations
 * @param operations floating-point operations
 * @param attentionOperations of these, attention over the cache
 * @param attentionBytes of all bytes, those of attention: the cache, queries, results, and what the parts of a split
 *     context write and their joining reads
 * @param byKernel launches by kernel
 */
public record PassAccount(
        int dispatches,
        int commandBuffers,
        int hostWaits,
        long weightBytes,
        long cacheBytes,
        long otherBytes,
        long operations,
        long attentionOperations,
        long attentionBytes,
        Map<String, Integer> byKernel) {
    static PassAccount of(List<Dispatch> dispatches, int hostWaits) {
        Dispatch.Cost all = Dispatch.Cost.NONE;
        Dispatch.Cost attention = Dispatch.Cost.NONE;
        Map<String, Integer> byKernel = new TreeMap<>();
        for (Dispatch dispatch : dispatches) {
            all = all.plus(dispatch.cost());
            byKernel.merge(dispatch.kernel().function(), 1, Integer::sum);
            if (dispatch.kernel() == Kernel.ATTEND || dispatch.kernel() == Kernel.JOIN_SPLITS) {
                attention = attention.plus(dispatch.cost());
            }
        }
        return new PassAccount(
                dispatches.size(),
                CommandStream.buffers(dispatches).size(),
                hostWaits,
                all.weightBytes(),
                all.cacheBytes(),
                all.otherBytes(),
                all.operations(),
                attention.operations(),
                attention.bytes(),
                byKernel);
    }

    /** How many times the bytes of the cache attention moves; 1 is the ideal, where only keys and values are read, once. */
    public double attentionOverIdeal() {
        return cacheBytes == 0 ? 0 : (double) attentionBytes / cacheBytes;
    }

    /** All bytes that move. */
    public long bytes() {
        return weightBytes + cacheBytes + otherBytes;
    }
}
