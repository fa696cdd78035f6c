package studio.atelier.engine.backend.metal;

/**
 * What the launches of one kernel cost in one token.
 *
 * @param kernel its name in the sources
 * @param launches in the token
 * @param seconds of the GPU, each launch alone in a command buffer: more than side by side with others
 * @param bytes moved, counted from shapes
 * @param operations floating-point operations, counted from shapes
 */
public record KernelTime(String kernel, int launches, double seconds, long bytes, long operations) {
    KernelTime plus(KernelTime other) {
        return new KernelTime(
                kernel,
                launches + other.launches,
                seconds + other.seconds,
                bytes + other.bytes,
                operations + other.operations);
    }

    /** What it moves in a second. */
    public double bytesPerSecond() {
        return bytes / Math.max(1e-12, seconds);
    }
}
