package studio.atelier.engine.backend.cpu.emit;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Whole pages of memory from the operating system, whose access can be changed: code is written while they are writable
 * and run when they are executable, never both.
 *
 * <p>{@link #close()} gives them back; nobody may touch them or run code in them afterwards.
 */
final class Pages implements AutoCloseable {
    /** What may be done with pages. */
    enum Access {
        NONE(0, 0x01),
        READ_WRITE(3, 0x04),
        READ_EXECUTE(5, 0x20);

        private final int posix;
        private final int windows;

        Access(int posix, int windows) {
            this.posix = posix;
            this.windows = windows;
        }
    }

    /** The two systems' calls for pages. */
    private interface System {
        MemorySegment map(long sizeBytes) throws Throwable;

        boolean protect(MemorySegment pages, Access access) throws Throwable;

        void unmap(MemorySegment pages) throws Throwable;
    }

    private static final System SYSTEM =
            java.lang.System.getProperty("os.name", "").startsWith("Windows") ? new Windows() : new Posix();

    private final MemorySegment bytes;

    private Pages(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** At least this many bytes, zeroed, readable and writable. */
    static Pages map(long sizeBytes) throws IOException {
        try {
            return new Pages(SYSTEM.map(sizeBytes).reinterpret(sizeBytes));
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IOException("The system gave no pages of memory: " + e.getMessage(), e);
        }
    }

    MemorySegment bytes() {
        return bytes;
    }

    /** Changes the access of a part that begins and ends on page borders. */
    void protect(long from, long sizeBytes, Access access) throws IOException {
        boolean changed;
        try {
            changed = SYSTEM.protect(bytes.asSlice(from, sizeBytes), access);
        } catch (Throwable e) {
            throw new IOException("The system did not change the access of pages: " + e.getMessage(), e);
        }
        if (!changed) {
            throw new IOException("The system does not allow " + access + " for pages of memory.");
        }
    }

    @Override
    public void close() {
        try {
            SYSTEM.unmap(bytes);
        } catch (Throwable e) {
            throw new IllegalStateException("the system did not take pages back", e);
        }
    }

    private static MethodHandle function(SymbolLookup library, String name, FunctionDescriptor signature) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), signature);
    }

    private static final class Posix implements System {
        private static final int PRIVATE = 2;
        private static final int ANONYMOUS_LINUX = 0x20;
        private static final int ANONYMOUS_BSD = 0x1000;

        private final SymbolLookup library = Linker.nativeLinker().defaultLookup();
        private final MethodHandle mmap = function(
                library,
                "mmap",
                FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        private final MethodHandle mprotect =
                function(library, "mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        private final MethodHandle munmap =
                function(library, "munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        private final int flags = PRIVATE
                | (java.lang.System.getProperty("os.name", "").startsWith("Linux") ? ANONYMOUS_LINUX : ANONYMOUS_BSD);

        @Override
        public MemorySegment map(long sizeBytes) throws Throwable {
            MemorySegment pages = (MemorySegment)
                    mmap.invokeExact(MemorySegment.NULL, sizeBytes, Access.READ_WRITE.posix, flags, -1, 0L);
            if (pages.address() == -1) {
                throw new IOException("The system gave no " + sizeBytes + " bytes of memory.");
            }
            return pages;
        }

        @Override
        public boolean protect(MemorySegment pages, Access access) throws Throwable {
            return (int) mprotect.invokeExact(pages, pages.byteSize(), access.posix) == 0;
        }

        @Override
        public void unmap(MemorySegment pages) throws Throwable {
            int ignored = (int) munmap.invokeExact(pages, pages.byteSize());
        }
    }

    private static final class Windows implements System {
        private static final int COMMIT_AND_RESERVE = 0x3000;
        private static final int RELEASE = 0x8000;

        private final SymbolLookup library = SymbolLookup.libraryLookup("kernel32", java.lang.foreign.Arena.global());
        private final MethodHandle allocate = function(
                library, "VirtualAlloc", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT));
        private final MethodHandle protect = function(
                library, "VirtualProtect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS));
        private final MethodHandle free =
                function(library, "VirtualFree", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

        @Override
        public MemorySegment map(long sizeBytes) throws Throwable {
            MemorySegment pages = (MemorySegment)
                    allocate.invokeExact(MemorySegment.NULL, sizeBytes, COMMIT_AND_RESERVE, Access.READ_WRITE.windows);
            if (pages.address() == 0) {
                throw new IOException("The system gave no " + sizeBytes + " bytes of memory.");
            }
            return pages;
        }

        @Override
        public boolean protect(MemorySegment pages, Access access) throws Throwable {
            try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
                MemorySegment before = arena.allocate(JAVA_INT);
                return (int) protect.invokeExact(pages, pages.byteSize(), access.windows, before) != 0;
            }
        }

        @Override
        public void unmap(MemorySegment pages) throws Throwable {
            int ignored = (int) free.invokeExact(pages, 0L, RELEASE);
        }
    }
}
