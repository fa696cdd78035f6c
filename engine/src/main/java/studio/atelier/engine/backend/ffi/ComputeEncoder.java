package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static studio.atelier.engine.backend.ffi.Message.SIZE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** An {@code MTLComputeCommandEncoder}: writes dispatches into a command buffer. Belongs to the buffer's pool. */
public final class ComputeEncoder {
    private static final Message SET_PIPELINE = Message.ofVoid("setComputePipelineState:", ADDRESS);
    private static final Message SET_BUFFER =
            Message.ofVoid("setBuffer:offset:atIndex:", ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final Message SET_BYTES = Message.ofVoid("setBytes:length:atIndex:", ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final Message SET_THREADGROUP_MEMORY =
            Message.ofVoid("setThreadgroupMemoryLength:atIndex:", JAVA_LONG, JAVA_LONG);
    private static final Message DISPATCH = Message.ofVoid("dispatchThreadgroups:threadsPerThreadgroup:", SIZE, SIZE);
    private static final Message BARRIER = Message.ofVoid("memoryBarrierWithScope:", JAVA_LONG);
    private static final Message END = Message.ofVoid("endEncoding");
    private static final MethodHandle setPipeline = SET_PIPELINE.handle();
    private static final MethodHandle setBuffer = SET_BUFFER.handle();
    private static final MethodHandle setBytes = SET_BYTES.handle();
    private static final MethodHandle setThreadgroupMemory = SET_THREADGROUP_MEMORY.handle();
    private static final MethodHandle dispatch = DISPATCH.handle();
    private static final MethodHandle barrier = BARRIER.handle();
    private static final MethodHandle endEncoding = END.handle();

    private static final long SCOPE_BUFFERS = 1;

    private final MemorySegment id;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment groups = arena.allocate(SIZE);
    private final MemorySegment threads = arena.allocate(SIZE);

    ComputeEncoder(MemorySegment id) {
        this.id = id;
    }

    public void setPipeline(Pipeline pipeline) {
        try {
            setPipeline.invokeExact(id, pipeline.id());
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    public void setBuffer(DeviceBuffer buffer, long offsetBytes, int index) {
        try {
            setBuffer.invokeExact(id, buffer.id(), offsetBytes, (long) index);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Copies a few numbers, at most 4096 bytes, for a {@code constant} parameter. */
    public void setBytes(MemorySegment bytes, int index) {
        try {
            setBytes.invokeExact(id, bytes, bytes.byteSize(), (long) index);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** A multiple of 16. */
    public void setThreadgroupMemory(long lengthBytes, int index) {
        try {
            setThreadgroupMemory.invokeExact(id, lengthBytes, (long) index);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** A grid of threadgroups of {@code threadsPerGroup} threads in a row. */
    public void dispatch(int groupsX, int groupsY, int groupsZ, int threadsPerGroup) {
        size(groups, groupsX, groupsY, groupsZ);
        size(threads, threadsPerGroup, 1, 1);
        try {
            dispatch.invokeExact(id, groups, threads);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** What follows sees what was written before. */
    public void barrier() {
        try {
            barrier.invokeExact(id, SCOPE_BUFFERS);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Nothing can be added after this. */
    public void end() {
        try {
            endEncoding.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    private static void size(MemorySegment size, long x, long y, long z) {
        size.set(JAVA_LONG, 0, x);
        size.set(JAVA_LONG, 8, y);
        size.set(JAVA_LONG, 16, z);
    }

    static List<Message> messages() {
        return List.of(SET_PIPELINE, SET_BUFFER, SET_BYTES, SET_THREADGROUP_MEMORY, DISPATCH, BARRIER, END);
    }

    MemorySegment id() {
        return id;
    }
}
