package studio.atelier.engine.backend.cpu.emit;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Bytes with pages on both sides that nobody may touch: who reads or writes past an end is killed. */
public final class GuardedMemory implements AutoCloseable {
    private static final long PAGE = 1 << 16;

    private final Pages pages;
    private final MemorySegment bytes;

    private GuardedMemory(Pages pages, MemorySegment bytes) {
        this.pages = pages;
        this.bytes = bytes;
    }

    /** This many bytes that end, or else begin, right at a guard. */
    public static GuardedMemory of(long sizeBytes, boolean atEnd) throws IOException {
        long room = Math.ceilDiv(sizeBytes, PAGE) * PAGE;
        Pages pages = Pages.map(room + 2 * PAGE);
        pages.protect(0, PAGE, Pages.Access.NONE);
        pages.protect(PAGE + room, PAGE, Pages.Access.NONE);
        return new GuardedMemory(pages, pages.bytes().asSlice(atEnd ? PAGE + room - sizeBytes : PAGE, sizeBytes));
    }

    public MemorySegment bytes() {
        return bytes;
    }

    @Override
    public void close() {
        pages.close();
    }
}
