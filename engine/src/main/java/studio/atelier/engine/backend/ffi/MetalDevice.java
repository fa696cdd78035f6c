package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;

/** An {@code MTLDevice}: the GPU. */
public final class MetalDevice implements AutoCloseable {
    static final Message NAME = Message.of("name", ADDRESS);
    static final Message MAX_BUFFER_LENGTH = Message.of("maxBufferLength", JAVA_LONG);
    static final Message WORKING_SET = Message.of("recommendedMaxWorkingSetSize", JAVA_LONG);
    static final Message ALLOCATED = Message.of("currentAllocatedSize", JAVA_LONG);
    static final Message THREADGROUP_MEMORY = Message.of("maxThreadgroupMemoryLength", JAVA_LONG);
    static final Message UNIFIED_MEMORY = Message.of("hasUnifiedMemory", JAVA_BOOLEAN);
    static final Message NEW_QUEUE = Message.of("newCommandQueue", ADDRESS);
    static final Message NEW_LIBRARY =
            Message.of("newLibraryWithSource:options:error:", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    static final Message NEW_PIPELINE =
            Message.of("newComputePipelineStateWithFunction:error:", ADDRESS, ADDRESS, ADDRESS);
    static final Message NEW_BUFFER = Message.of("newBufferWithLength:options:", ADDRESS, JAVA_LONG, JAVA_LONG);
    static final Message NEW_BUFFER_NO_COPY = Message.of(
            "newBufferWithBytesNoCopy:length:options:deallocator:", ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
    /** macOS 15. */
    static final Message NEW_RESIDENCY_SET =
            Message.of("newResidencySetWithDescriptor:error:", ADDRESS, ADDRESS, ADDRESS);

    private static final Message SET_LANGUAGE_VERSION = Message.ofVoid("setLanguageVersion:", JAVA_LONG);
    /** macOS 15. */
    private static final Message SET_MATH_MODE = Message.ofVoid("setMathMode:", JAVA_LONG);

    private static final Message SET_FAST_MATH = Message.ofVoid("setFastMathEnabled:", JAVA_BOOLEAN);
    private static final Message SET_CONSTANT =
            Message.ofVoid("setConstantValue:type:atIndex:", ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final Message NEW_FUNCTION =
            Message.of("newFunctionWithName:constantValues:error:", ADDRESS, ADDRESS, ADDRESS, ADDRESS);

    private static final MethodHandle createSystemDefaultDevice =
            ObjectiveC.function("MTLCreateSystemDefaultDevice", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle name = NAME.handle();
    private static final MethodHandle maxBufferLength = MAX_BUFFER_LENGTH.handle();
    private static final MethodHandle workingSet = WORKING_SET.handle();
    private static final MethodHandle allocated = ALLOCATED.handle();
    private static final MethodHandle threadgroupMemory = THREADGROUP_MEMORY.handle();
    private static final MethodHandle unifiedMemory = UNIFIED_MEMORY.handle();
    private static final MethodHandle newQueue = NEW_QUEUE.handle();
    private static final MethodHandle newLibrary = NEW_LIBRARY.handle();
    private static final MethodHandle newPipeline = NEW_PIPELINE.handle();
    private static final MethodHandle newBuffer = NEW_BUFFER.handle();
    private static final MethodHandle newBufferNoCopy = NEW_BUFFER_NO_COPY.handle();
    private static final MethodHandle newResidencySet = NEW_RESIDENCY_SET.handle();
    private static final MethodHandle setLanguageVersion = SET_LANGUAGE_VERSION.handle();
    private static final MethodHandle setMathMode = SET_MATH_MODE.handle();
    private static final MethodHandle setFastMath = SET_FAST_MATH.handle();
    private static final MethodHandle setConstant = SET_CONSTANT.handle();
    private static final MethodHandle newFunction = NEW_FUNCTION.handle();

    /** MTLLanguageVersion3_1: bfloat, macOS 14. */
    private static final long LANGUAGE_VERSION = 0x3_0001;

    private static final long MATH_MODE_SAFE = 0;
    private static final long DATA_TYPE_UINT = 33;

    private final MemorySegment id;

    private MetalDevice(MemorySegment id) {
        this.id = id;
    }

    /**
     * The system's GPU.
     *
     * @throws MetalException when there is none
     */
    public static MetalDevice systemDefault() {
        try {
            MemorySegment device = (MemorySegment) createSystemDefaultDevice.invokeExact();
            if (ObjectiveC.isNil(device)) {
                throw new MetalException("This machine has no GPU that Metal can use.");
            }
            return new MetalDevice(device);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** For people. */
    public String name() {
        try (AutoreleasePool _ = new AutoreleasePool()) {
            return NsObject.text((MemorySegment) name.invokeExact(id));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Most bytes of one buffer. */
    public long maxBufferLengthBytes() {
        return number(maxBufferLength);
    }

    /** Bytes that the GPU can keep at once without getting slow. */
    public long recommendedWorkingSetBytes() {
        return number(workingSet);
    }

    /** Bytes of this program's buffers. */
    public long allocatedBytes() {
        return number(allocated);
    }

    /** Most bytes that a threadgroup may share. */
    public long maxThreadgroupMemoryBytes() {
        return number(threadgroupMemory);
    }

    private long number(MethodHandle handle) {
        try {
            return (long) handle.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Whether processor and GPU share their memory. */
    public boolean hasUnifiedMemory() {
        try {
            return (boolean) unifiedMemory.invokeExact(id);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** Whether weights can be kept resident by name (macOS 15). */
    public boolean hasResidencySets() {
        return NsObject.respondsTo(id, NEW_RESIDENCY_SET.selector());
    }

    /** A new queue; the caller closes it. */
    public CommandQueue newQueue() {
        try {
            return new CommandQueue((MemorySegment) newQueue.invokeExact(id));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /**
     * Compiles kernels. The caller closes the library.
     *
     * @throws MetalException with what the compiler says
     */
    public KernelLibrary newLibrary(String source) {
        try (AutoreleasePool _ = new AutoreleasePool();
                Arena arena = Arena.ofConfined()) {
            MemorySegment options = NsObject.newOf("MTLCompileOptions");
            setLanguageVersion.invokeExact(options, LANGUAGE_VERSION);
            if (NsObject.respondsTo(options, SET_MATH_MODE.selector())) {
                setMathMode.invokeExact(options, MATH_MODE_SAFE);
            } else {
                setFastMath.invokeExact(options, false);
            }
            MemorySegment error = arena.allocate(ADDRESS);
            MemorySegment library = (MemorySegment) newLibrary.invokeExact(id, NsObject.string(source), options, error);
            NsObject.release(options);
            if (ObjectiveC.isNil(library)) {
                throw new MetalException(
                        "The GPU's compiler refused a kernel: " + NsObject.errorText(error.get(ADDRESS, 0)));
            }
            return new KernelLibrary(library);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /**
     * A kernel ready to run, with its function constants fixed. The caller closes it.
     *
     * @param constants unsigned numbers by index
     * @throws MetalException when there is no such kernel or it needs too much
     */
    public Pipeline newPipeline(KernelLibrary library, String kernel, Map<Integer, Integer> constants) {
        try (AutoreleasePool _ = new AutoreleasePool();
                Arena arena = Arena.ofConfined()) {
            MemorySegment values = NsObject.newOf("MTLFunctionConstantValues");
            for (Map.Entry<Integer, Integer> constant : constants.entrySet()) {
                MemorySegment value = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_INT, constant.getValue());
                setConstant.invokeExact(values, value, DATA_TYPE_UINT, (long) constant.getKey());
            }
            MemorySegment error = arena.allocate(ADDRESS);
            MemorySegment function =
                    (MemorySegment) newFunction.invokeExact(library.id(), NsObject.string(kernel), values, error);
            NsObject.release(values);
            if (ObjectiveC.isNil(function)) {
                throw new MetalException(
                        "The kernel " + kernel + " is missing: " + NsObject.errorText(error.get(ADDRESS, 0)));
            }
            MemorySegment pipeline = (MemorySegment) newPipeline.invokeExact(id, function, error);
            NsObject.release(function);
            if (ObjectiveC.isNil(pipeline)) {
                throw new MetalException(
                        "The kernel " + kernel + " can't be prepared: " + NsObject.errorText(error.get(ADDRESS, 0)));
            }
            return new Pipeline(pipeline, kernel);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /**
     * Zeroed memory that processor and GPU share. The caller closes it.
     *
     * @throws MetalException when there is not enough
     */
    public DeviceBuffer newBuffer(long lengthBytes) {
        try {
            MemorySegment buffer = (MemorySegment) newBuffer.invokeExact(id, lengthBytes, 0L);
            if (ObjectiveC.isNil(buffer)) {
                throw new MetalException("The GPU has no buffer of " + lengthBytes + " bytes left; it has "
                        + allocatedBytes() + " bytes in use and takes up to " + maxBufferLengthBytes() + " at once.");
            }
            return new DeviceBuffer(buffer);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /**
     * A view of memory that stays where it is. Address and length are multiples of the page; the memory outlives every
     * command that uses it. The caller closes the view.
     *
     * @throws MetalException when Metal refuses the view
     */
    public DeviceBuffer newBufferNoCopy(MemorySegment start, long lengthBytes) {
        try {
            MemorySegment buffer =
                    (MemorySegment) newBufferNoCopy.invokeExact(id, start, lengthBytes, 0L, MemorySegment.NULL);
            if (ObjectiveC.isNil(buffer)) {
                throw new MetalException("The GPU can't look at " + lengthBytes
                        + " bytes of mapped weights at once; it takes " + maxBufferLengthBytes() + ".");
            }
            return new DeviceBuffer(buffer);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** An empty residency set (macOS 15); the caller closes it. */
    public ResidencySet newResidencySet() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = NsObject.newOf("MTLResidencySetDescriptor");
            MemorySegment error = arena.allocate(ADDRESS);
            MemorySegment set = (MemorySegment) newResidencySet.invokeExact(id, descriptor, error);
            NsObject.release(descriptor);
            if (ObjectiveC.isNil(set)) {
                throw new MetalException(
                        "The GPU can't keep weights resident: " + NsObject.errorText(error.get(ADDRESS, 0)));
            }
            return new ResidencySet(set);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** What the device itself answers; the last only since macOS 15. */
    static List<Message> messages() {
        return List.of(
                NAME,
                MAX_BUFFER_LENGTH,
                WORKING_SET,
                ALLOCATED,
                THREADGROUP_MEMORY,
                UNIFIED_MEMORY,
                NEW_QUEUE,
                NEW_LIBRARY,
                NEW_PIPELINE,
                NEW_BUFFER,
                NEW_BUFFER_NO_COPY);
    }

    static List<Message> compileOptionMessages() {
        return List.of(SET_LANGUAGE_VERSION, SET_FAST_MATH);
    }

    static List<Message> newerCompileOptionMessages() {
        return List.of(SET_MATH_MODE);
    }

    static List<Message> constantMessages() {
        return List.of(SET_CONSTANT);
    }

    static List<Message> libraryMessages() {
        return List.of(NEW_FUNCTION);
    }

    MemorySegment id() {
        return id;
    }

    @Override
    public void close() {
        NsObject.release(id);
    }
}
