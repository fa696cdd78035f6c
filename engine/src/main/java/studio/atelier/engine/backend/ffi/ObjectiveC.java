package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The functions of the Objective-C runtime. Loading this class loads the libraries. */
final class ObjectiveC {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARIES = AppleLibraries.open();

    private static final MethodHandle OBJC_GET_CLASS =
            function("objc_getClass", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle SEL_REGISTER_NAME =
            function("sel_registerName", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle POOL_PUSH = function("objc_autoreleasePoolPush", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle POOL_POP =
            function("objc_autoreleasePoolPop", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle OBJECT_GET_CLASS =
            function("object_getClass", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle CLASS_GET_INSTANCE_METHOD =
            function("class_getInstanceMethod", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle METHOD_GET_TYPE_ENCODING =
            function("method_getTypeEncoding", FunctionDescriptor.of(ADDRESS, ADDRESS));

    private static final long LONGEST_TEXT_BYTES = 1 << 20;

    private ObjectiveC() {}

    /** A C function of the loaded libraries. */
    static MethodHandle function(String name, FunctionDescriptor descriptor) {
        MemorySegment address = LIBRARIES
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("The Metal libraries have no function " + name));
        return LINKER.downcallHandle(address, descriptor);
    }

    /** A handle of {@code objc_msgSend} with these parameters after receiver and selector, the selector bound. */
    static MethodHandle message(String selector, FunctionDescriptor descriptor) {
        List<MemoryLayout> parameters = new ArrayList<>(List.of(ADDRESS, ADDRESS));
        parameters.addAll(descriptor.argumentLayouts());
        MemoryLayout[] layouts = parameters.toArray(MemoryLayout[]::new);
        FunctionDescriptor whole = descriptor
                .returnLayout()
                .map(result -> FunctionDescriptor.of(result, layouts))
                .orElseGet(() -> FunctionDescriptor.ofVoid(layouts));
        MethodHandle send = function("objc_msgSend", whole);
        return java.lang.invoke.MethodHandles.insertArguments(send, 1, selector(selector));
    }

    /** An interned selector. */
    static MemorySegment selector(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (MemorySegment) SEL_REGISTER_NAME.invokeExact(arena.allocateFrom(name));
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    /** A class object that must be there. */
    static MemorySegment classNamed(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = (MemorySegment) OBJC_GET_CLASS.invokeExact(arena.allocateFrom(name));
            if (isNil(found)) {
                throw new UnsatisfiedLinkError("The Objective-C runtime has no class " + name);
            }
            return found;
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    /** What the runtime says about a method's types; empty when the object has no such method. */
    static Optional<String> typeEncoding(MemorySegment object, String selector) {
        try {
            MemorySegment type = (MemorySegment) OBJECT_GET_CLASS.invokeExact(object);
            MemorySegment method = (MemorySegment) CLASS_GET_INSTANCE_METHOD.invokeExact(type, selector(selector));
            return isNil(method)
                    ? Optional.empty()
                    : Optional.of(text((MemorySegment) METHOD_GET_TYPE_ENCODING.invokeExact(method)));
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    static MemorySegment pushPool() {
        try {
            return (MemorySegment) POOL_PUSH.invokeExact();
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    static void popPool(MemorySegment pool) {
        try {
            POOL_POP.invokeExact(pool);
        } catch (Throwable t) {
            throw failed(t);
        }
    }

    /** A C string of the runtime. */
    static String text(MemorySegment address) {
        return address.reinterpret(LONGEST_TEXT_BYTES).getString(0);
    }

    static boolean isNil(MemorySegment object) {
        return object.address() == 0;
    }

    /** Handles declare Throwable; nothing but errors comes out of them. */
    static RuntimeException failed(Throwable t) {
        if (t instanceof Error error) {
            throw error;
        }
        return t instanceof RuntimeException e ? e : new IllegalStateException(t);
    }
}
