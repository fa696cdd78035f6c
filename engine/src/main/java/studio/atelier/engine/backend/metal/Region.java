package studio.atelier.engine.backend.metal;

import java.lang.foreign.MemorySegment;
import studio.atelier.engine.backend.ffi.DeviceBuffer;

/** A piece of a device buffer. */
record Region(DeviceBuffer buffer, long offsetBytes, long sizeBytes) {
    MemorySegment memory() {
        return buffer.memory().asSlice(offsetBytes, sizeBytes);
    }
}
