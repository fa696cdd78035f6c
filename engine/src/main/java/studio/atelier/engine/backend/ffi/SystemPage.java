package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** The unit in which the system maps memory: 16384 bytes on Apple silicon. */
public final class SystemPage {
    private static final MethodHandle getpagesize = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().find("getpagesize").orElseThrow(),
                    FunctionDescriptor.of(JAVA_INT));

    private SystemPage() {}

    public static long bytes() {
        try {
            return (int) getpagesize.invokeExact();
        } catch (Throwable t) {
            throw new IllegalStateException(t);
        }
    }
}
