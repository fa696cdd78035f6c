package studio.atelier.engine.backend.ffi;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares every message of these bindings with what the runtime says about the objects that receive them. A difference
 * here would be a crash or a wrong number later.
 */
public final class DescriptorCheck {
    private static final String TRIVIAL_KERNEL = """
            #include <metal_stdlib>
            using namespace metal;
            kernel void trivial(device float* x [[buffer(0)]], uint i [[thread_position_in_grid]]) { x[i] = 1.0f; }
            """;

    private final List<String> objections = new ArrayList<>();
    private int compared;

    private DescriptorCheck() {}

    /**
     * What was found.
     *
     * @param compared messages that were looked at
     * @param objections a sentence for each that differs; empty when all is well
     */
    public record Report(int compared, List<String> objections) {}

    /** Looks at one object of each kind, made on this device and released. */
    public static Report of(MetalDevice device) {
        DescriptorCheck check = new DescriptorCheck();
        try (AutoreleasePool _ = new AutoreleasePool();
                KernelLibrary library = device.newLibrary(TRIVIAL_KERNEL);
                Pipeline pipeline = device.newPipeline(library, "trivial", java.util.Map.of());
                DeviceBuffer buffer = device.newBuffer(64);
                CommandQueue queue = device.newQueue();
                CommandBuffer commands = queue.newCommandBuffer()) {
            check.all(device.id(), NsObject.messages(), false);
            check.all(device.id(), MetalDevice.messages(), false);
            check.all(device.id(), List.of(MetalDevice.NEW_RESIDENCY_SET), true);
            check.all(library.id(), MetalDevice.libraryMessages(), false);
            check.all(pipeline.id(), Pipeline.messages(), false);
            check.all(buffer.id(), DeviceBuffer.messages(), false);
            check.all(queue.id(), CommandQueue.messages(), false);
            check.all(queue.id(), CommandQueue.newerMessages(), true);
            check.all(commands.id(), CommandBuffer.messages(), false);
            ComputeEncoder encoder = commands.newConcurrentEncoder();
            check.all(encoder.id(), ComputeEncoder.messages(), false);
            encoder.end();
            check.options("MTLCompileOptions", MetalDevice.compileOptionMessages(), false);
            check.options("MTLCompileOptions", MetalDevice.newerCompileOptionMessages(), true);
            check.options("MTLFunctionConstantValues", MetalDevice.constantMessages(), false);
            check.all(ObjectiveC.classNamed("NSString"), List.of(NsObject.STRING_WITH_UTF8), false);
            check.all(ObjectiveC.classNamed("MTLCompileOptions"), List.of(NsObject.NEW), false);
            check.all(ObjectiveC.classNamed("MTLFunctionConstantValues"), List.of(NsObject.NEW), false);
            MemorySegment text = NsObject.string("text");
            check.all(text, List.of(NsObject.UTF8_STRING), false);
            if (device.hasResidencySets()) {
                try (ResidencySet set = device.newResidencySet()) {
                    check.all(set.id(), ResidencySet.messages(), false);
                }
            }
        }
        return new Report(check.compared, List.copyOf(check.objections));
    }

    private void options(String className, List<Message> messages, boolean optional) {
        MemorySegment object = NsObject.newOf(className);
        all(object, messages, optional);
        NsObject.release(object);
    }

    private void all(MemorySegment object, List<Message> messages, boolean optional) {
        for (Message message : messages) {
            compared++;
            message.objection(object, optional).ifPresent(objections::add);
        }
    }
}
