package studio.atelier.engine.backend.metal;

/**
 * How the GPU is used.
 *
 * @param halfCache keys and values are stored as float16: half the memory and traffic
 * @param sources the kernels
 * @param memory how values lie in memory
 */
record MetalOptions(boolean halfCache, KernelSources sources, ScratchMemory memory) {
    /** Keys and values in float32. */
    static final MetalOptions EXACT = new MetalOptions(false, KernelSources.OWN, ScratchMemory.SHARED);

    MetalOptions withHalfCache(boolean half) {
        return new MetalOptions(half, sources, memory);
    }

    MetalOptions withSources(KernelSources other) {
        return new MetalOptions(halfCache, other, memory);
    }

    MetalOptions withMemory(ScratchMemory other) {
        return new MetalOptions(halfCache, sources, other);
    }

    /** How the values of a plan lie in memory. */
    enum ScratchMemory {
        /** Side by side in one buffer; those that are not needed at the same time share. */
        SHARED,
        /** Each in a buffer of its own: slow, and whoever reads past a value's end is caught. */
        APART
    }
}
