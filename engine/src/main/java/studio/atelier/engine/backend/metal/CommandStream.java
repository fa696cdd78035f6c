package studio.atelier.engine.backend.metal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import studio.atelier.engine.backend.ffi.AppleLibraries;
import studio.atelier.engine.backend.ffi.AutoreleasePool;
import studio.atelier.engine.backend.ffi.CommandBuffer;
import studio.atelier.engine.backend.ffi.DeviceBuffer;
import studio.atelier.engine.backend.ffi.MetalException;

/**
 * Encodes plans and hands them to the GPU in a few command buffers: the first small, so that the GPU starts early; none
 * so long that the display's watchdog would end it.
 */
final class CommandStream implements AutoCloseable {
    private static final int FIRST_DISPATCHES = 8;
    /** Work of one command buffer, in bytes and in operations: some 50 ms on the machines that such models are for. */
    private static final long BUFFER_BYTES = 16L << 30;

    private static final long BUFFER_OPERATIONS = 400_000_000_000L;
    private static final long SPIN_NANOS = 200_000;
    private static final Duration USUAL_DEADLINE = Duration.ofSeconds(30);
    /** A simulator is some thousand times slower than a GPU. */
    private static final Duration SIMULATED_DEADLINE = Duration.ofMinutes(10);

    private final Gpu gpu;
    private final WeightViews weights;
    private final LastingMemory lasting;
    private final MetalOptions.ScratchMemory memory;
    private final Duration deadline;
    private final Deque<CommandBuffer> running = new ArrayDeque<>();
    /** Did not end in time. They may go on at any moment, and write. */
    private final List<CommandBuffer> stuck = new ArrayList<>();

    private final ScratchBuffers scratch;
    private final List<DeviceBuffer> apart = new ArrayList<>();
    private double gpuSeconds;

    CommandStream(Gpu gpu, WeightViews weights, LastingMemory lasting, MetalOptions options) {
        this.gpu = gpu;
        this.weights = weights;
        this.lasting = lasting;
        this.memory = options.memory();
        this.scratch = new ScratchBuffers(gpu);
        this.deadline =
                options.deadline().orElse(AppleLibraries.standIn().isPresent() ? SIMULATED_DEADLINE : USUAL_DEADLINE);
    }

    /**
     * Hands over the work of a plan. Wanted values get their region; it is filled when {@link #await} returns.
     *
     * @throws MetalException when there is no memory left
     */
    Placed submit(List<Dispatch> dispatches, StepData step) {
        ScratchLayout layout = ScratchLayout.of(dispatches);
        Placed placed = new Placed(
                dispatches, layout, step, scratch.take(Placed.sizeBytes(layout, step)), buffersApart(layout));
        step.write(placed.stepMemory());
        commit(encode(placed));
        for (Value value : layout.values()) {
            value.planned = false;
            if (value.wanted) {
                value.region = placed.place(value);
            }
        }
        return placed;
    }

    private Map<Value, DeviceBuffer> buffersApart(ScratchLayout layout) {
        Map<Value, DeviceBuffer> apart = new IdentityHashMap<>();
        if (memory == MetalOptions.ScratchMemory.APART) {
            for (Value value : layout.values()) {
                apart.put(value, gpu.newBuffer(4L * value.size, "value"));
            }
            this.apart.addAll(apart.values());
        }
        return apart;
    }

    /** The plan's commands, not yet handed over; whoever does not do that closes them. */
    List<CommandBuffer> encode(Placed placed) {
        return encode(placed, buffers(placed.dispatches()));
    }

    /** Does the plan with each dispatch alone, and waits for each: what it took, by dispatch. */
    List<KernelTime> time(Placed placed) {
        List<KernelTime> times = new ArrayList<>();
        for (Dispatch dispatch : placed.dispatches()) {
            double before = gpuSeconds;
            commit(encode(placed, List.of(List.of(dispatch))));
            await();
            times.add(new KernelTime(
                    dispatch.kernel().function(),
                    1,
                    gpuSeconds - before,
                    dispatch.cost().bytes(),
                    dispatch.cost().operations()));
        }
        return times;
    }

    private List<CommandBuffer> encode(Placed placed, List<List<Dispatch>> pieces) {
        List<CommandBuffer> encoded = new ArrayList<>();
        boolean complete = false;
        try {
            Encoding encoding = new Encoding(gpu, weights, placed);
            for (List<Dispatch> piece : pieces) {
                try (AutoreleasePool _ = new AutoreleasePool()) {
                    CommandBuffer buffer = gpu.queue().newCommandBuffer();
                    encoded.add(buffer);
                    encoding.encode(buffer, piece);
                }
            }
            complete = true;
            return encoded;
        } finally {
            if (!complete) {
                encoded.forEach(CommandBuffer::close);
            }
        }
    }

    /** Hands commands over; they run one after the other. */
    void commit(List<CommandBuffer> encoded) {
        gpu.residency().use();
        for (CommandBuffer buffer : encoded) {
            buffer.commit();
            running.add(buffer);
        }
    }

    /** The memory of this work is not for others until it is released. */
    void keep(Placed placed) {
        scratch.keep(placed.scratch());
    }

    /** The work is not done again. */
    void release(Placed placed) {
        scratch.release(placed.scratch());
    }

    /** The plan in pieces, a command buffer each. */
    static List<List<Dispatch>> buffers(List<Dispatch> dispatches) {
        List<List<Dispatch>> pieces = new ArrayList<>();
        int first = Math.max(FIRST_DISPATCHES, dispatches.size() / 10);
        int at = 0;
        while (at < dispatches.size()) {
            int end = at == 0 ? Math.min(first, dispatches.size()) : endOfBuffer(dispatches, at);
            pieces.add(dispatches.subList(at, end));
            at = end;
        }
        return pieces;
    }

    private static int endOfBuffer(List<Dispatch> dispatches, int from) {
        long bytes = 0;
        long operations = 0;
        for (int i = from; i < dispatches.size(); i++) {
            bytes += dispatches.get(i).cost().bytes();
            operations += dispatches.get(i).cost().operations();
            if (i > from && (bytes > BUFFER_BYTES || operations > BUFFER_OPERATIONS)) {
                return i;
            }
        }
        return dispatches.size();
    }

    /**
     * Waits until everything that was handed over has ended, also what stands behind a command that failed.
     *
     * @throws MetalException when a command failed, or did not end in time
     */
    void await() {
        long end = System.nanoTime() + deadline.toNanos();
        MetalException failure = null;
        boolean late = false;
        while (!running.isEmpty()) {
            CommandBuffer buffer = running.removeFirst();
            if (!endsBefore(buffer, end)) {
                stuck.add(buffer);
                late = true;
                continue;
            }
            if (!buffer.hasFailed()) {
                gpuSeconds += buffer.gpuSeconds();
            } else if (failure == null) {
                failure = new MetalException("The GPU gave up: " + buffer.errorText() + ".");
            }
            buffer.close();
        }
        if (late) {
            scratch.distrust();
            lasting.distrust();
        }
        if (failure != null) {
            throw failure;
        }
        if (late) {
            throw new MetalException("The GPU did not answer within " + deadline.toSeconds() + " seconds.");
        }
    }

    private static boolean endsBefore(CommandBuffer buffer, long end) {
        long start = System.nanoTime();
        while (!buffer.hasEnded()) {
            long now = System.nanoTime();
            if (now - end > 0) {
                return false;
            }
            if (now - start > SPIN_NANOS) {
                LockSupport.parkNanos(100_000);
            } else {
                Thread.onSpinWait();
            }
        }
        return true;
    }

    /** All numbers of the pass are forgotten; nothing may run any more but what is stuck. */
    void recycle() {
        scratch.recycle();
        if (!stuck.isEmpty()) {
            stuck.removeIf(buffer -> {
                if (!buffer.hasEnded()) {
                    return false;
                }
                buffer.close();
                return true;
            });
            if (stuck.isEmpty()) {
                scratch.trust();
                lasting.trust();
            }
        }
    }

    /** Bytes that are given to nobody, because commands that did not end may still write there. */
    long asideBytes() {
        return scratch.asideBytes() + lasting.asideBytes();
    }

    /** Seconds that the GPU has worked since the backend was made. */
    double gpuSeconds() {
        return gpuSeconds;
    }

    boolean isIdle() {
        return running.isEmpty();
    }

    @Override
    public void close() {
        running.forEach(CommandBuffer::close);
        stuck.forEach(CommandBuffer::close);
        scratch.close();
        apart.forEach(DeviceBuffer::close);
    }
}
