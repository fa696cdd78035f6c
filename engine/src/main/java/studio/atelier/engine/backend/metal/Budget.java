package studio.atelier.engine.backend.metal;

import studio.atelier.engine.EngineException;
import studio.atelier.engine.backend.ffi.MetalDevice;

/**
 * How much memory models may take on a GPU. Metal lets a program have more, and then everything crawls or fails in the
 * middle; so it is refused before.
 *
 * @param workingSetBytes what the GPU can keep at once, by its own word
 */
public record Budget(long workingSetBytes) {
    /** Caches, scratch and other programs. */
    private static final long RESERVED_BYTES = 2L << 30;

    private static final long MEBIBYTE = 1L << 20;

    /** Of a device. */
    public static Budget of(MetalDevice device) {
        return new Budget(device.recommendedWorkingSetBytes());
    }

    /** Bytes of weights that fit. */
    public long weightBytes() {
        return Math.max(workingSetBytes / 2, workingSetBytes - RESERVED_BYTES);
    }

    /**
     * Refuses weights that do not fit, with the way out.
     *
     * @throws EngineException {@link EngineException.Reason#MEMORY_TOO_SMALL}
     */
    public void require(long neededBytes) throws EngineException {
        if (neededBytes > weightBytes()) {
            throw new EngineException(
                    EngineException.Reason.MEMORY_TOO_SMALL,
                    "The model's weights take " + gigabytes(neededBytes) + ", the GPU keeps "
                            + gigabytes(weightBytes()) + "; choose a smaller model, or raise the limit in a terminal: "
                            + remedy(neededBytes));
        }
    }

    /** The command that raises the limit until the next restart; a person types it. */
    public static String remedy(long neededBytes) {
        return "sudo sysctl iogpu.wired_limit_mb=" + Math.ceilDiv(neededBytes + RESERVED_BYTES, MEBIBYTE);
    }

    private static String gigabytes(long bytes) {
        return String.format(java.util.Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
