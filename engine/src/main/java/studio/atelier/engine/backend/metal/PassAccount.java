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
        Map<String, Integer> byKernel) {
    static PassAccount of(List<Dispatch> dispatches, int hostWaits) {
        Dispatch.Cost all = Dispatch.Cost.NONE;
        long attention = 0;
        Map<String, Integer> byKernel = new TreeMap<>();
        for (Dispatch dispatch : dispatches) {
            all = all.plus(dispatch.cost());
            byKernel.merge(dispatch.kernel().function(), 1, Integer::sum);
            if (dispatch.kernel() == Kernel.ATTEND) {
                attention += dispatch.cost().operations();
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
                attention,
                byKernel);
    }

    /** All bytes that move. */
    public long bytes() {
        return weightBytes + cacheBytes + otherBytes;
    }
}
