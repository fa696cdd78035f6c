package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** An {@code MTLComputePipelineState}: a kernel ready to run. */
public final class Pipeline implements AutoCloseable {
    private static final Message MAX_THREADS = Message.of("maxTotalThreadsPerThreadgroup", JAVA_LONG);
    private static final Message WIDTH = Message.of("threadExecutionWidth", JAVA_LONG);
    private static final Message STATIC_MEMORY = Message.of("staticThreadgroupMemoryLength", JAVA_LONG);
    private static final MethodHandle maxThreads = MAX_THREADS.handle();
    private static final MethodHandle width = WIDTH.handle();
    private static final MethodHandle staticMemory = STATIC_MEMORY.handle();

    private final MemorySegment id;
    private final String kernel;

    Pipeline(MemorySegment id, String kernel) {
        this.id = id;
        this.kernel = kernel;
    }

    /** The kernel's name. */
    public String kernel() {
        return kernel;
    }

    /** Most threads of one threadgroup; fewer than the device's when the kernel needs many registers. */
    public int maxThreads() {
        return (int) number(maxThreads);
    }

    /** Lanes of a simdgroup. */
    public int simdWidth() {
        return (int) number(width);
    }

    /** Bytes that the kernel's own threadgroup variables take. */
    public long threadgroupBytes() {
        return number(staticMemory);
    }

    private long number(MethodHandle handle) {
        try {
            return (long) handle.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    static List<Message> messages() {
        return List.of(MAX_THREADS, WIDTH, STATIC_MEMORY);
    }

    MemorySegment id() {
        return id;
    }

    @Override
    public void close() {
        NsObject.release(id);
    }
}
