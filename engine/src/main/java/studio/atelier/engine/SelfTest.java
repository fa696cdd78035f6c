package studio.atelier.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.backend.ffi.AppleLibraries;
import studio.atelier.engine.backend.metal.MetalBackend;
import studio.atelier.engine.selftest.KernelChecks;
import studio.atelier.engine.selftest.ToyModel;

/**
 * Whether this machine's GPU computes what the processor computes. Runs on the caller's thread; a broken driver can take
 * the whole program down, so the window runs it in a program of its own.
 */
public final class SelfTest {
    private static final int TOKENS = 8;

    private SelfTest() {}

    /**
     * What came out.
     *
     * @param device what was tested, for people
     * @param checks how many comparisons were made
     * @param failures a sentence for each that failed, with the kernel and the numbers; empty when the GPU may be used
     */
    public record Report(String device, int checks, List<String> failures) {
        public boolean passed() {
            return failures.isEmpty();
        }
    }

    /**
     * Tests everything.
     *
     * @param told a line for each comparison, as soon as it is made
     */
    public static Report run(Consumer<String> told) {
        List<String> failures = new ArrayList<>();
        try (MetalBackend exact = MetalBackend.open(false);
                MetalBackend half = MetalBackend.open(true);
                CpuBackend reference = CpuBackend.scalar()) {
            Consumer<KernelChecks.Result> line = result ->
                    told.accept(String.format(Locale.ROOT, "%-72s off by %.1e", result.name(), result.difference()));
            List<KernelChecks.Result> results = new ArrayList<>(KernelChecks.compare(exact, reference, line));
            results.addAll(KernelChecks.compareHalf(half, reference, line));
            for (KernelChecks.Result result : results) {
                if (!result.passed()) {
                    failures.add(String.format(Locale.ROOT, "%s is off by %.1e.", result.name(), result.difference()));
                }
            }
            int checks = results.size();
            for (String architecture : List.of("qwen3_moe", "deepseek_v3")) {
                int[] expected = ToyModel.tokens(architecture, reference, TOKENS);
                int[] got = ToyModel.tokens(architecture, exact, TOKENS);
                told.accept("a toy " + architecture + " model's tokens: " + Arrays.toString(got));
                checks++;
                if (!Arrays.equals(expected, got)) {
                    failures.add("A toy " + architecture + " model says " + Arrays.toString(got)
                            + " where the processor says " + Arrays.toString(expected) + ".");
                }
            }
            for (MetalBackend each : List.of(exact, half)) {
                if (each.gaveUp()) {
                    failures.add("The GPU gave up: " + each.description() + ".");
                }
            }
            String device = exact.description()
                    + (AppleLibraries.standIn().isPresent() ? ", a stand-in and no real GPU: in simulation" : "");
            return new Report(device, checks, List.copyOf(failures));
        } catch (EngineException | RuntimeException e) {
            failures.add(String.valueOf(e.getMessage()));
            return new Report("no usable GPU", 0, List.copyOf(failures));
        }
    }
}
