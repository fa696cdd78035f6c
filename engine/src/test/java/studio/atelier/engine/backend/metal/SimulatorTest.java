package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.ffi.AutoreleasePool;
import studio.atelier.engine.backend.ffi.CommandBuffer;
import studio.atelier.engine.backend.ffi.CommandQueue;
import studio.atelier.engine.backend.ffi.ComputeEncoder;
import studio.atelier.engine.backend.ffi.DescriptorCheck;
import studio.atelier.engine.backend.ffi.DeviceBuffer;
import studio.atelier.engine.backend.ffi.KernelLibrary;
import studio.atelier.engine.backend.ffi.MetalDevice;
import studio.atelier.engine.backend.ffi.MetalException;
import studio.atelier.engine.backend.ffi.Pipeline;

/** The simulator notices what Metal would forbid or leave to chance; otherwise its silence would mean nothing. */
final class SimulatorTest {
    private static final long ONLY_THE_DEVICE = 1;

    private static final String HEAD = "#include <metal_stdlib>\nusing namespace metal;\n";

    private static String kernel(String body) {
        return HEAD
                + "kernel void k(device float* x [[buffer(0)]], uint i [[thread_index_in_threadgroup]],\n"
                + "        uint g [[threadgroup_position_in_grid]]) {\n    threadgroup float t[64];\n" + body + "\n}\n";
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing | t[i] = 1.0f; threadgroup_barrier(mem_flags::mem_threadgroup); x[g * 64u + i] = t[63u - i]; | ",
                "no barrier | t[i] = 1.0f; x[g * 64u + i] = t[63u - i]; | write/read race in threadgroup",
                "wrong flag | t[i] = 1.0f; threadgroup_barrier(mem_flags::mem_device); x[g * 64u + i] = t[63u - i]; | race",
                "never written | if (x[i] > 0.0f) t[i] = 1.0f; x[g * 64u + i] = t[i]; | never written",
                "beyond threadgroup memory | t[i + 1u] = x[i]; x[g * 64u + i] = t[i]; | out of bounds",
                "beyond the buffer | x[g * 64u + i + 1u] = 1.0f; | out of bounds",
                "two groups, one place | x[i] = float(g); | write/write race in device",
                "misaligned | *(device float2*)(x + 1u) = float2(0.0f); | misaligned",
                "some threads at a barrier | if (i < 32u) threadgroup_barrier(mem_flags::mem_threadgroup); | barrier",
                "some lanes at a simd operation | if (i % 32u < 7u) x[g * 64u + i] = simd_sum(1.0f); | only some lanes",
            })
    void noticesFaultsOfKernels(String name, String body, String expected) throws Exception {
        Simulator simulator = Simulator.with("check");
        run(kernel(body), (encoder, pipeline, buffer) -> {
            encoder.setPipeline(pipeline);
            encoder.setBuffer(buffer, 0, 0);
            encoder.dispatch(2, 1, 1, 64);
        });
        List<String> findings = simulator.findings();
        if (expected == null) {
            assertEquals(List.of(), findings);
        } else {
            assertTrue(findings.stream().anyMatch(each -> each.contains(expected)), name + ": " + findings);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "double | double d = 1.0f; x[i] = float(d); | outside the subset",
                "literal | x[i] = 1.0; | needs the suffix",
                "space | threadgroup float* p = t; device float* q = p; x[i] = q[0]; | program_source:6",
                "cast between spaces | x[i] = *(device float*)t; | address spaces",
                "narrowing | half h = x[i]; x[i] = float(h); | implicit",
                "pointer without a space | float* p = &x[i]; x[i] = *p; | without an address space",
                "syntax | x[i] = ; | error",
            })
    void refusesWhatIsNotMetal(String name, String body, String expected) throws Exception {
        Simulator.with("check");
        try (MetalDevice device = MetalDevice.systemDefault()) {
            MetalException refusal = assertThrows(MetalException.class, () -> device.newLibrary(kernel(body)));
            assertTrue(refusal.getMessage().contains(expected), name + ": " + refusal.getMessage());
        }
    }

    @ParameterizedTest(name = "barrier {0}")
    @CsvSource({"true, 0", "false, 1"})
    void noticesDispatchesThatDoNotWait(boolean barrier, int least) throws Exception {
        Simulator simulator = Simulator.with("check");
        run(kernel("x[g * 64u + i] += 1.0f;"), (encoder, pipeline, buffer) -> {
            encoder.setPipeline(pipeline);
            encoder.setBuffer(buffer, 0, 0);
            encoder.dispatch(2, 1, 1, 64);
            if (barrier) {
                encoder.barrier();
            }
            encoder.dispatch(2, 1, 1, 64);
        });
        List<String> hazards = simulator.findings().stream()
                .filter(each -> each.contains("hazard between dispatches"))
                .toList();
        assertEquals(least > 0, !hazards.isEmpty(), simulator.findings().toString());
    }

    @Test
    void noticesMisuse() throws Exception {
        Simulator simulator = Simulator.with("check");
        run(kernel("x[i] = 1.0f;"), (encoder, pipeline, buffer) -> {
            encoder.setPipeline(pipeline);
            encoder.dispatch(1, 1, 1, 64);
            encoder.setBuffer(buffer, 0, 0);
            encoder.dispatch(1, 1, 1, 2048);
            encoder.setBuffer(buffer, 2, 0);
            encoder.dispatch(1, 1, 1, 32);
        });
        List<String> all = simulator.findings();
        for (String expected : List.of("no buffer is bound", "1024 threads per threadgroup", "multiple of 4")) {
            assertTrue(all.stream().anyMatch(each -> each.contains(expected)), expected + ": " + all);
        }
    }

    @Test
    void agreesWithEveryDescriptor() throws Exception {
        Simulator.with("check");
        try (MetalDevice device = MetalDevice.systemDefault()) {
            DescriptorCheck.Report report = DescriptorCheck.of(device);
            assertEquals(List.of(), report.objections());
            assertTrue(report.compared() >= 50, "compared only " + report.compared());
        }
    }

    @Test
    void freesEveryObject() throws Exception {
        Simulator simulator = Simulator.with("check");
        // What tests of this program left behind before is theirs.
        long before = Math.max(ONLY_THE_DEVICE, simulator.liveObjects());
        Consumer<Integer> once = _ -> run(kernel("x[g * 64u + i] = 1.0f;"), (encoder, pipeline, buffer) -> {
            encoder.setPipeline(pipeline);
            encoder.setBuffer(buffer, 0, 0);
            encoder.dispatch(2, 1, 1, 64);
        });
        for (int time = 0; time < 2; time++) {
            once.accept(time);
            // The queue lets go of a finished command buffer a moment after it told that it is finished.
            for (int i = 0; i < 500 && simulator.liveObjects() > before; i++) {
                Thread.sleep(10);
            }
            assertTrue(simulator.liveObjects() <= before, simulator.liveObjects() + " objects, " + before + " before");
        }
        simulator.assertClean();
    }

    private interface Encoding {
        void encode(ComputeEncoder encoder, Pipeline pipeline, DeviceBuffer buffer);
    }

    private static void run(String source, Encoding encoding) {
        try (AutoreleasePool _ = new AutoreleasePool();
                MetalDevice device = MetalDevice.systemDefault();
                KernelLibrary library = device.newLibrary(source);
                Pipeline pipeline = device.newPipeline(library, "k", Map.of());
                DeviceBuffer buffer = device.newBuffer(4 * 128).labelled("x");
                CommandQueue queue = device.newQueue();
                CommandBuffer commands = queue.newCommandBuffer()) {
            buffer.memory().set(ValueLayout.JAVA_FLOAT, 0, 0f);
            ComputeEncoder encoder = commands.newConcurrentEncoder();
            encoding.encode(encoder, pipeline, buffer);
            encoder.end();
            commands.commit();
            commands.awaitEnd();
        }
    }
}
