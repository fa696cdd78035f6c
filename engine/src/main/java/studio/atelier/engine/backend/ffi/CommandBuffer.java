package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** An {@code MTLCommandBuffer}: work that runs as one piece. Kept alive until it is closed. */
public final class CommandBuffer implements AutoCloseable {
    private static final Message RETAIN = Message.of("retain", ADDRESS);
    private static final Message ENCODER = Message.of("computeCommandEncoderWithDispatchType:", ADDRESS, JAVA_LONG);
    private static final Message COMMIT = Message.ofVoid("commit");
    private static final Message WAIT = Message.ofVoid("waitUntilCompleted");
    private static final Message STATUS = Message.of("status", JAVA_LONG);
    private static final Message ERROR = Message.of("error", ADDRESS);
    private static final Message START = Message.of("GPUStartTime", JAVA_DOUBLE);
    private static final Message END = Message.of("GPUEndTime", JAVA_DOUBLE);
    private static final MethodHandle retain = RETAIN.handle();
    private static final MethodHandle encoder = ENCODER.handle();
    private static final MethodHandle commit = COMMIT.handle();
    private static final MethodHandle waitUntilCompleted = WAIT.handle();
    private static final MethodHandle status = STATUS.handle();
    private static final MethodHandle error = ERROR.handle();
    private static final MethodHandle gpuStartTime = START.handle();
    private static final MethodHandle gpuEndTime = END.handle();

    private static final long CONCURRENT = 1;
    private static final long STATUS_COMPLETED = 4;

    private final MemorySegment id;

    CommandBuffer(MemorySegment id) {
        this.id = id;
        try {
            MemorySegment _ = (MemorySegment) retain.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** An encoder whose dispatches run side by side unless a barrier stands between them. */
    public ComputeEncoder newConcurrentEncoder() {
        try {
            return new ComputeEncoder((MemorySegment) encoder.invokeExact(id, CONCURRENT));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Hands the work to the GPU. */
    public void commit() {
        try {
            commit.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Whether the work ended, well or not. */
    public boolean hasEnded() {
        return number() >= STATUS_COMPLETED;
    }

    /** Whether the work ended with an error. */
    public boolean hasFailed() {
        return number() > STATUS_COMPLETED;
    }

    private long number() {
        try {
            return (long) status.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Blocks without a deadline; only for work that is known to end. */
    public void awaitEnd() {
        try {
            waitUntilCompleted.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Why it failed. */
    public String errorText() {
        try (AutoreleasePool _ = new AutoreleasePool()) {
            return NsObject.errorText((MemorySegment) error.invokeExact(id));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Seconds that the GPU worked on it, once it ended. */
    public double gpuSeconds() {
        try {
            return (double) gpuEndTime.invokeExact(id) - (double) gpuStartTime.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    static List<Message> messages() {
        return List.of(RETAIN, ENCODER, COMMIT, WAIT, STATUS, ERROR, START, END);
    }

    MemorySegment id() {
        return id;
    }

    @Override
    public void close() {
        NsObject.release(id);
    }
}
