package studio.atelier.engine.backend.ffi;

import java.lang.foreign.MemorySegment;

/** An {@code MTLLibrary}: compiled kernels. */
public record KernelLibrary(MemorySegment id) implements AutoCloseable {
    @Override
    public void close() {
        NsObject.release(id);
    }
}
