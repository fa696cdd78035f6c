package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.selftest.KernelChecks;

/** Every operation against the scalar reference, in simulation: what the self-test does on a person's machine. */
final class MetalKernelsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"check,order=shuffled,nudge=2; SHARED", "check,order=backward; APART"})
    void computesWhatTheReferenceComputes(String options, MetalOptions.ScratchMemory memory) throws Exception {
        Simulator simulator = Simulator.with(options);
        try (MetalBackend metal = MetalBackend.open(MetalOptions.EXACT.withMemory(memory));
                CpuBackend reference = CpuBackend.scalar()) {
            List<KernelChecks.Result> results = KernelChecks.compare(metal, reference, _ -> {});
            assertTrue(results.size() > 80, "only " + results.size() + " comparisons");
            assertEquals(
                    List.of(), results.stream().filter(each -> !each.passed()).toList());
        }
        simulator.assertClean();
    }

    @Test
    void computesItOverHalfTheCacheToo() throws Exception {
        Simulator simulator = Simulator.with("check,order=shuffled,nudge=2");
        try (MetalBackend metal = MetalBackend.open(true);
                CpuBackend reference = CpuBackend.scalar()) {
            List<KernelChecks.Result> results = KernelChecks.compareHalf(metal, reference, _ -> {});
            assertTrue(results.size() > 10, "only " + results.size() + " comparisons");
            assertEquals(
                    List.of(), results.stream().filter(each -> !each.passed()).toList());
            // Something was rounded.
            assertTrue(results.stream().anyMatch(each -> each.difference() > 1e-5));
        }
        simulator.assertClean();
    }
}
