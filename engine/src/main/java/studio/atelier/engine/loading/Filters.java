package studio.atelier.engine.loading;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import studio.atelier.engine.weights.StoredTensor;

/** Filters of convolutions, laid out anew: files hold a channel's window together, the backends a window's channels. */
final class Filters {
    private Filters() {}

    /**
     * From {@code [out, in, height, width]} to {@code [out, height, width, in]}, in memory of its own that lasts as long as
     * the result is used.
     */
    static MemorySegment channelsLast(StoredTensor stored, int[] axes) {
        int in = axes[1];
        int window = axes[2] * axes[3];
        if (window == 1) {
            return stored.bytes();
        }
        long item = stored.dtype().sizeBytes();
        MemorySegment from = stored.bytes();
        MemorySegment to = Arena.ofAuto().allocate(from.byteSize(), 64);
        for (int out = 0; out < axes[0]; out++) {
            long row = (long) out * in * window;
            for (int channel = 0; channel < in; channel++) {
                for (int at = 0; at < window; at++) {
                    long source = row + (long) channel * window + at;
                    long target = row + (long) at * in + channel;
                    MemorySegment.copy(from, source * item, to, target * item, item);
                }
            }
        }
        return to;
    }
}
