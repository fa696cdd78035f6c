package studio.atelier.engine.backend.metal;

import java.time.Duration;
import java.util.Optional;

/**
 * How the GPU is used.
 *
 * @param halfCache keys and values are stored as float16: half the memory and traffic
 * @param sources the kernels
 * @param memory how values lie in memory
 * @param deadline how long commands may take before the GPU counts as stuck; when there is none, as long as is usual
 */
record MetalOptions(boolean halfCache, KernelSources sources, ScratchMemory memory, Optional<Duration> deadline) {
    /** Keys and values in float32. */
    static final MetalOptions EXACT =
            new MetalOptions(false, KernelSources.OWN, ScratchMemory.SHARED, Optional.empty());

    MetalOptions withHalfCache(boolean half) {
        return new MetalOptions(half, sources, memory, deadline);
    }

    MetalOptions withSources(KernelSources other) {
        return new MetalOptions(halfCache, other, memory, deadline);
    }

    MetalOptions withMemory(ScratchMemory other) {
        return new MetalOptions(halfCache, sources, other, deadline);
    }

    MetalOptions withDeadline(Duration other) {
        return new MetalOptions(halfCache, sources, memory, Optional.of(other));
    }

    /** How the values of a plan lie in memory. */
    enum ScratchMemory {
        /** Side by side in one buffer; those that are not needed at the same time share. */
        SHARED,
        /** Each in a buffer of its own: slow, and whoever reads past a value's end is caught. */
        APART
    }
}
