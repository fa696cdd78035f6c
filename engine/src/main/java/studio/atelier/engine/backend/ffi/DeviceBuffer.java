package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** An {@code MTLBuffer} in shared memory. */
public final class DeviceBuffer implements AutoCloseable {
    private static final Message CONTENTS = Message.of("contents", ADDRESS);
    private static final Message LENGTH = Message.of("length", JAVA_LONG);
    private static final Message SET_LABEL = Message.ofVoid("setLabel:", ADDRESS);
    private static final MethodHandle contents = CONTENTS.handle();
    private static final MethodHandle length = LENGTH.handle();
    private static final MethodHandle setLabel = SET_LABEL.handle();

    private final MemorySegment id;
    private final MemorySegment memory;

    DeviceBuffer(MemorySegment id) {
        this.id = id;
        try {
            long bytes = (long) length.invokeExact(id);
            this.memory = ((MemorySegment) contents.invokeExact(id)).reinterpret(bytes);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** What the GPU sees; reading what a command wrote needs its end awaited. */
    public MemorySegment memory() {
        return memory;
    }

    public long lengthBytes() {
        return memory.byteSize();
    }

    /** A name for tools and messages. */
    public DeviceBuffer labelled(String label) {
        try (AutoreleasePool _ = new AutoreleasePool()) {
            setLabel.invokeExact(id, NsObject.string(label));
            return this;
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    static List<Message> messages() {
        return List.of(CONTENTS, LENGTH, SET_LABEL);
    }

    MemorySegment id() {
        return id;
    }

    @Override
    public void close() {
        NsObject.release(id);
    }
}
