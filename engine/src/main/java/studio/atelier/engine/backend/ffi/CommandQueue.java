package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** An {@code MTLCommandQueue}: command buffers run in the order in which they are committed. */
public final class CommandQueue implements AutoCloseable {
    private static final Message COMMAND_BUFFER = Message.of("commandBuffer", ADDRESS);
    /** macOS 15. */
    private static final Message ADD_RESIDENCY_SET = Message.ofVoid("addResidencySet:", ADDRESS);

    private static final MethodHandle commandBuffer = COMMAND_BUFFER.handle();
    private static final MethodHandle addResidencySet = ADD_RESIDENCY_SET.handle();

    private final MemorySegment id;

    CommandQueue(MemorySegment id) {
        this.id = id;
    }

    /** A new command buffer; the caller closes it. Needs an open pool. */
    public CommandBuffer newCommandBuffer() {
        try {
            MemorySegment buffer = (MemorySegment) commandBuffer.invokeExact(id);
            if (ObjectiveC.isNil(buffer)) {
                throw new MetalException("The GPU's queue takes no more commands.");
            }
            return new CommandBuffer(buffer);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Every command buffer from now on keeps the set's buffers resident. */
    public void add(ResidencySet set) {
        try {
            addResidencySet.invokeExact(id, set.id());
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    static List<Message> messages() {
        return List.of(COMMAND_BUFFER);
    }

    static List<Message> newerMessages() {
        return List.of(ADD_RESIDENCY_SET);
    }

    MemorySegment id() {
        return id;
    }

    @Override
    public void close() {
        NsObject.release(id);
    }
}
