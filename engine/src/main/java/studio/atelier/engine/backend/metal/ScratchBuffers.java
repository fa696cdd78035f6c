package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.backend.ffi.DeviceBuffer;

/**
 * Buffers for the values of plans, used again and again: by a pass until it is over, or by a kept pass until it is
 * released. What commands that did not end may still write into is given to nobody.
 */
final class ScratchBuffers implements AutoCloseable {
    private static final long LEAST_BYTES = 1 << 16;

    private final Gpu gpu;
    private final List<DeviceBuffer> free = new ArrayList<>();
    private final List<DeviceBuffer> used = new ArrayList<>();
    private final List<DeviceBuffer> kept = new ArrayList<>();
    /** Those that were used or kept when commands did not end, and of them those that are nobody's any more. */
    private final List<DeviceBuffer> suspect = new ArrayList<>();

    private final List<DeviceBuffer> aside = new ArrayList<>();

    ScratchBuffers(Gpu gpu) {
        this.gpu = gpu;
    }

    /** A buffer of at least that size, until {@link #recycle}. */
    DeviceBuffer take(long sizeBytes) {
        DeviceBuffer fitting = null;
        for (DeviceBuffer each : free) {
            if (each.lengthBytes() >= sizeBytes) {
                fitting = each;
            }
        }
        if (fitting != null) {
            free.remove(fitting);
        } else {
            fitting = gpu.newBuffer(Math.max(LEAST_BYTES, Long.highestOneBit(sizeBytes) * 2), "scratch");
        }
        used.add(fitting);
        return fitting;
    }

    /** A used buffer stays until it is released. */
    void keep(DeviceBuffer buffer) {
        if (used.remove(buffer)) {
            kept.add(buffer);
        }
    }

    /** A kept buffer is nobody's any more. */
    void release(DeviceBuffer buffer) {
        if (kept.remove(buffer)) {
            giveBack(buffer);
        }
    }

    /** The used buffers are nobody's any more. */
    void recycle() {
        used.forEach(this::giveBack);
        used.clear();
    }

    private void giveBack(DeviceBuffer buffer) {
        (suspect.contains(buffer) ? aside : free).add(buffer);
    }

    /** Commands that use some of these did not end: whatever is used or kept now is given to nobody. */
    void distrust() {
        suspect.addAll(used);
        suspect.addAll(kept);
    }

    /** Those commands have ended. */
    void trust() {
        free.addAll(aside);
        aside.clear();
        suspect.clear();
    }

    /** Bytes that are given to nobody. */
    long asideBytes() {
        return aside.stream().mapToLong(DeviceBuffer::lengthBytes).sum();
    }

    @Override
    public void close() {
        for (List<DeviceBuffer> each : List.of(free, used, kept, aside)) {
            each.forEach(DeviceBuffer::close);
            each.clear();
        }
    }
}
