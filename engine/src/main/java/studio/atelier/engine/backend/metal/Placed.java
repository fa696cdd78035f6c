package studio.atelier.engine.backend.metal;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.backend.ffi.DeviceBuffer;

/**
 * A plan and the memory that it computes in: all that is needed to encode it, now and again.
 *
 * @param scratch holds the layout's values, and the step's data behind them
 * @param apart values that have a buffer of their own
 */
record Placed(
        List<Dispatch> dispatches,
        ScratchLayout layout,
        StepData step,
        DeviceBuffer scratch,
        Map<Value, DeviceBuffer> apart) {
    static long sizeBytes(ScratchLayout layout, StepData step) {
        return layout.sizeBytes() + step.sizeBytes();
    }

    /** Where a value lies. */
    Region place(Value value) {
        Region region = value.region;
        if (region != null) {
            return region;
        }
        DeviceBuffer own = apart.get(value);
        return own == null
                ? new Region(scratch, layout.offsetBytes(value), 4L * value.size)
                : new Region(own, 0, 4L * value.size);
    }

    /** Where the step's data begins. */
    long stepBytes() {
        return layout.sizeBytes();
    }

    MemorySegment stepMemory() {
        return scratch.memory().asSlice(stepBytes(), step.sizeBytes());
    }
}
