package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** An {@code MTLResidencySet} (macOS 15): buffers that stay wired while they are in use. */
public final class ResidencySet implements AutoCloseable {
    private static final Message ADD = Message.ofVoid("addAllocation:", ADDRESS);
    private static final Message COMMIT = Message.ofVoid("commit");
    private static final Message REQUEST = Message.ofVoid("requestResidency");
    private static final Message END = Message.ofVoid("endResidency");
    private static final MethodHandle add = ADD.handle();
    private static final MethodHandle commit = COMMIT.handle();
    private static final MethodHandle request = REQUEST.handle();
    private static final MethodHandle end = END.handle();

    private final MemorySegment id;

    ResidencySet(MemorySegment id) {
        this.id = id;
    }

    /** Takes effect with {@link #commit}. */
    public void add(DeviceBuffer buffer) {
        try {
            add.invokeExact(id, buffer.id());
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Makes what was added count. */
    public void commit() {
        send(commit);
    }

    /** Asks the system to keep the members wired; repeated now and then, for it lets go of what rests. */
    public void request() {
        send(request);
    }

    /** Gives the memory back to the system. */
    public void end() {
        send(end);
    }

    private void send(MethodHandle handle) {
        try {
            handle.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    static List<Message> messages() {
        return List.of(ADD, COMMIT, REQUEST, END);
    }

    MemorySegment id() {
        return id;
    }

    @Override
    public void close() {
        NsObject.release(id);
    }
}
