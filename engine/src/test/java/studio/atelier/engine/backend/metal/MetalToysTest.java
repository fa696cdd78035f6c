package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.selftest.ToyModel;

/** Models of other shapes than the golden ones, with weights made here: the tokens are the scalar reference's. */
final class MetalToysTest {
    private static final int TOKENS = 6;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3", "qwen3_moe", "mixtral", "deepseek_v2", "deepseek_v3"})
    void saysWhatTheReferenceSays(String architecture) throws Exception {
        Simulator simulator = Simulator.with("check,order=shuffled");
        try (MetalBackend metal = MetalBackend.open(MetalOptions.EXACT.withMemory(MetalOptions.ScratchMemory.APART));
                CpuBackend reference = CpuBackend.scalar()) {
            int[] expected = ToyModel.tokens(architecture, reference, TOKENS);
            assertArrayEquals(expected, ToyModel.tokens(architecture, metal, TOKENS));
            assertFalse(metal.gaveUp(), metal.description());
        }
        simulator.assertClean();
    }
}
