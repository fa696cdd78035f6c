package studio.atelier.engine.backend.cpu.emit;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** Kernels in executable memory, called by number. */
final class MachineCode implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    private static final int PAGE_BYTES = 1 << 16;

    /**
     * Address and one argument. A kernel runs for well under a millisecond and calls nothing, so the transition that
     * other native calls make, some hundred times its cost here, is left out.
     */
    private static final MethodHandle CALL =
            Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(JAVA_LONG), Linker.Option.critical(false));

    private final Pages pages;
    private final MemorySegment[] entries;

    private MachineCode(Pages pages, MemorySegment[] entries) {
        this.pages = pages;
        this.entries = entries;
    }

    /** Copies code into memory of its own and makes that executable. */
    static MachineCode of(List<byte[]> kernels) throws IOException {
        List<Long> places = new ArrayList<>();
        long size = 0;
        for (byte[] kernel : kernels) {
            places.add(size);
            size += Math.ceilDiv(kernel.length, ALIGNMENT) * (long) ALIGNMENT;
        }
        long sizeBytes = Math.ceilDiv(Math.max(1, size), PAGE_BYTES) * PAGE_BYTES;
        Pages pages = Pages.map(sizeBytes);
        try {
            for (int i = 0; i < kernels.size(); i++) {
                byte[] kernel = kernels.get(i);
                MemorySegment.copy(kernel, 0, pages.bytes(), ValueLayout.JAVA_BYTE, places.get(i), kernel.length);
            }
            pages.protect(0, sizeBytes, Pages.Access.READ_EXECUTE);
        } catch (IOException e) {
            pages.close();
            throw e;
        }
        MemorySegment[] entries = new MemorySegment[kernels.size()];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = MemorySegment.ofAddress(pages.bytes().address() + places.get(i));
        }
        return new MachineCode(pages, entries);
    }

    /** Runs a kernel. */
    void call(int kernel, long argument) {
        try {
            CALL.invokeExact(entries[kernel], argument);
        } catch (Throwable e) {
            throw new IllegalStateException("kernel " + kernel + " could not be called", e);
        }
    }

    @Override
    public void close() {
        pages.close();
    }
}
