package studio.atelier.engine.backend.metal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import studio.atelier.engine.backend.ffi.AppleLibraries;
import studio.atelier.engine.backend.ffi.AutoreleasePool;
import studio.atelier.engine.backend.ffi.CommandBuffer;
import studio.atelier.engine.backend.ffi.ComputeEncoder;
import studio.atelier.engine.backend.ffi.DeviceBuffer;
import studio.atelier.engine.backend.ffi.MetalException;
import studio.atelier.engine.backend.ffi.Pipeline;

/**
 * Encodes plans and hands them to the GPU in a few command buffers: the first small, so that the GPU starts early; none
 * so long that the display's watchdog would end it.
 */
final class CommandStream implements AutoCloseable {
    /** setBytes takes no more. */
    private static final long MOST_INLINE_BYTES = 4096;

    private static final int FIRST_DISPATCHES = 8;
    /** Work of one command buffer, in bytes and in operations: some 50 ms on the machines that such models are for. */
    private static final long BUFFER_BYTES = 16L << 30;

    private static final long BUFFER_OPERATIONS = 400_000_000_000L;
    private static final long SPIN_NANOS = 200_000;

    private final Gpu gpu;
    private final WeightViews weights;
    private final long deadlineNanos;
    private final List<CommandBuffer> running = new ArrayList<>();
    private final List<DeviceBuffer> freeScratch = new ArrayList<>();
    private final List<DeviceBuffer> usedScratch = new ArrayList<>();
    private double gpuSeconds;

    CommandStream(Gpu gpu, WeightViews weights) {
        this.gpu = gpu;
        this.weights = weights;
        // A simulator is some thousand times slower than a GPU.
        long seconds = AppleLibraries.standIn().isPresent() ? Long.getLong("atelier.metal.deadline", 600) : 30;
        this.deadlineNanos = seconds * 1_000_000_000L;
    }

    /**
     * Hands over the work of a plan. Wanted values get their region; it is filled when {@link #await} returns.
     *
     * @throws MetalException when there is no memory left
     */
    void submit(List<Dispatch> dispatches) {
        if (dispatches.isEmpty()) {
            return;
        }
        gpu.residency().use();
        ScratchLayout layout = ScratchLayout.of(dispatches);
        long hostBytes = hostBytes(dispatches);
        DeviceBuffer scratch = scratch(layout.sizeBytes() + hostBytes);
        Encoding encoding = new Encoding(layout, scratch);
        for (List<Dispatch> piece : buffers(dispatches)) {
            try (AutoreleasePool _ = new AutoreleasePool()) {
                CommandBuffer buffer = gpu.queue().newCommandBuffer();
                commit(buffer, encoding, piece);
            }
        }
        for (Value value : layout.values()) {
            value.planned = false;
            if (value.wanted) {
                value.region = new Region(scratch, layout.offsetBytes(value), 4L * value.size);
            }
        }
    }

    /** What was not handed over must not be waited for. */
    private void commit(CommandBuffer buffer, Encoding encoding, List<Dispatch> dispatches) {
        boolean committed = false;
        try {
            encoding.encode(buffer, dispatches);
            buffer.commit();
            running.add(buffer);
            committed = true;
        } finally {
            if (!committed) {
                buffer.close();
            }
        }
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

    private static long hostBytes(List<Dispatch> dispatches) {
        long bytes = 0;
        for (Dispatch dispatch : dispatches) {
            for (Operand operand : dispatch.operands().values()) {
                if (operand instanceof Operand.Host(MemorySegment data) && data.byteSize() > MOST_INLINE_BYTES) {
                    bytes += Math.ceilDiv(data.byteSize(), 256) * 256;
                }
            }
        }
        return bytes;
    }

    private DeviceBuffer scratch(long sizeBytes) {
        DeviceBuffer fitting = null;
        for (DeviceBuffer each : freeScratch) {
            if (each.lengthBytes() >= sizeBytes) {
                fitting = each;
            }
        }
        if (fitting != null) {
            freeScratch.remove(fitting);
        } else {
            fitting = gpu.newBuffer(Math.max(1 << 16, Long.highestOneBit(sizeBytes) * 2), "scratch");
        }
        usedScratch.add(fitting);
        return fitting;
    }

    /**
     * Waits until everything that was handed over has ended.
     *
     * @throws MetalException when a command failed, or did not end in time
     */
    void await() {
        long deadline = System.nanoTime() + deadlineNanos;
        try {
            for (CommandBuffer buffer : running) {
                awaitOne(buffer, deadline);
                gpuSeconds += buffer.gpuSeconds();
            }
        } finally {
            running.forEach(CommandBuffer::close);
            running.clear();
        }
    }

    private void awaitOne(CommandBuffer buffer, long deadline) {
        long start = System.nanoTime();
        while (!buffer.hasEnded()) {
            long now = System.nanoTime();
            if (now > deadline) {
                // What still runs may write there; the memory is not used again.
                usedScratch.clear();
                throw new MetalException(
                        "The GPU did not answer within " + deadlineNanos / 1_000_000_000L + " seconds.");
            }
            if (now - start > SPIN_NANOS) {
                LockSupport.parkNanos(100_000);
            } else {
                Thread.onSpinWait();
            }
        }
        if (buffer.hasFailed()) {
            throw new MetalException("The GPU gave up: " + buffer.errorText() + ".");
        }
    }

    /** All numbers of the pass are forgotten; nothing may run any more. */
    void recycle() {
        freeScratch.addAll(usedScratch);
        usedScratch.clear();
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
        freeScratch.forEach(DeviceBuffer::close);
        usedScratch.forEach(DeviceBuffer::close);
    }

    /** One plan on its way into command buffers. */
    private final class Encoding {
        private final ScratchLayout layout;
        private final DeviceBuffer scratch;
        private long hostAt;

        Encoding(ScratchLayout layout, DeviceBuffer scratch) {
            this.layout = layout;
            this.scratch = scratch;
            this.hostAt = layout.sizeBytes();
        }

        void encode(CommandBuffer buffer, List<Dispatch> dispatches) {
            Hazards hazards = new Hazards();
            ComputeEncoder encoder = buffer.newConcurrentEncoder();
            try (Arena arena = Arena.ofConfined()) {
                for (Dispatch dispatch : dispatches) {
                    encode(encoder, dispatch, hazards, arena);
                }
            } finally {
                encoder.end();
            }
        }

        private void encode(ComputeEncoder encoder, Dispatch dispatch, Hazards hazards, Arena arena) {
            Pipeline pipeline = gpu.pipeline(dispatch.kernel(), dispatch.constants());
            if (dispatch.threads() > pipeline.maxThreads()) {
                throw new MetalException("The kernel " + pipeline.kernel() + " may have " + pipeline.maxThreads()
                        + " threads per group on this GPU; it needs " + dispatch.threads() + ".");
            }
            encoder.setPipeline(pipeline);
            for (Map.Entry<Integer, Operand> entry : dispatch.operands().entrySet()) {
                bind(encoder, entry.getKey(), entry.getValue(), hazards);
            }
            MemorySegment parameters = dispatch.parameters()
                    .write(
                            arena,
                            (weight, plane) -> weights.plane(weight, plane).offsetBytes());
            encoder.setBytes(parameters, dispatch.parametersIndex());
            for (int i = 0; i < dispatch.threadgroupBytes().length; i++) {
                encoder.setThreadgroupMemory(dispatch.threadgroupBytes()[i], i);
            }
            if (hazards.needBarrier()) {
                encoder.barrier();
            }
            encoder.dispatch(dispatch.groupsX(), dispatch.groupsY(), dispatch.groupsZ(), dispatch.threads());
        }

        private void bind(ComputeEncoder encoder, int index, Operand operand, Hazards hazards) {
            switch (operand) {
                case Operand.Numbers(Value value, long firstElement, boolean writes) -> {
                    Region region = value.region;
                    DeviceBuffer buffer = region == null ? scratch : region.buffer();
                    long start = region == null ? layout.offsetBytes(value) : region.offsetBytes();
                    hazards.touch(buffer, start, start + 4L * value.size, writes);
                    encoder.setBuffer(buffer, start + 4 * firstElement, index);
                }
                case Operand.Plane(var weight, int plane) ->
                    encoder.setBuffer(weights.plane(weight, plane).buffer(), 0, index);
                case Operand.StackPlane(var stack, int plane) ->
                    encoder.setBuffer(weights.stackPlane(stack, plane), 0, index);
                case Operand.Table(var stack) -> encoder.setBuffer(weights.table(stack), 0, index);
                case Operand.Host(MemorySegment bytes) -> {
                    if (bytes.byteSize() <= MOST_INLINE_BYTES) {
                        encoder.setBytes(bytes, index);
                    } else {
                        MemorySegment.copy(bytes, 0, scratch.memory(), hostAt, bytes.byteSize());
                        encoder.setBuffer(scratch, hostAt, index);
                        hostAt += Math.ceilDiv(bytes.byteSize(), 256) * 256;
                    }
                }
            }
        }
    }
}
