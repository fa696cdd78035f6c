package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.Tensor;

/**
 * The result of a recorded operation, or a lasting tensor: some numbers that lie in device memory now, later or not at
 * all. What has no region can be computed again from its producer.
 */
final class Value {
    final int size;
    final @Nullable Node producer;
    final boolean lasting;
    /** Keys or values, kept as float16. */
    final boolean cacheTyped;

    final List<Node> consumers = new ArrayList<>();
    /** Where it lies; values that are only counted have none, others while they are kept. */
    @Nullable
    Region region;
    /** Its place in the plan that is being made. */
    boolean planned;
    /** Somebody outside the graph asks for it. */
    boolean wanted;
    /** What the processor holds of it once the GPU is given up. */
    @Nullable
    Tensor onCpu;

    private Value(int size, @Nullable Node producer, boolean lasting, @Nullable Region region, boolean cacheTyped) {
        this.size = size;
        this.producer = producer;
        this.region = region;
        this.lasting = lasting;
        this.cacheTyped = cacheTyped;
    }

    static Value resultOf(@Nullable Node producer, int size) {
        return new Value(size, producer, false, null, false);
    }

    static Value lasting(int size, @Nullable Region region, boolean cacheTyped) {
        return new Value(size, null, true, region, cacheTyped);
    }

    /** Bytes of each of its numbers. */
    int elementBytes() {
        return cacheTyped ? Short.BYTES : Float.BYTES;
    }

    /** Whether kernels can read it without anything else being done first. */
    boolean ready() {
        return planned || lasting || region != null;
    }

    /** Whether one operation, and nobody else, reads it. */
    boolean onlyFor(Node consumer) {
        return !wanted && !lasting && consumers.size() == 1 && consumers.getFirst() == consumer;
    }
}
