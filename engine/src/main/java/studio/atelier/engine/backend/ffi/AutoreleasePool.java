package studio.atelier.engine.backend.ffi;

import java.lang.foreign.MemorySegment;

/**
 * Frees at its end what Metal hands out without ownership. Opened and closed around each step, on one thread; without
 * it every launch leaks.
 */
public final class AutoreleasePool implements AutoCloseable {
    private final MemorySegment pool = ObjectiveC.pushPool();

    @Override
    public void close() {
        ObjectiveC.popPool(pool);
    }
}
