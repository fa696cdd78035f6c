package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The comparisons of {@link MetalKernelsTest}, {@link MetalToysTest} and {@link MetalModelsTest} as a program, for a Java on
 * another kind of processor where no test runner is: see {@code aarch64.sh}. Ends with 0 when all that was begun agrees and
 * the checker found nothing.
 */
final class OtherProcessor {
    private static final long NANOS_PER_MINUTE = 60_000_000_000L;

    private OtherProcessor() {}

    private interface Comparison {
        void run() throws Exception;
    }

    private static void compare(String what, Comparison comparison) throws Exception {
        long start = System.nanoTime();
        comparison.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println(String.format(Locale.ROOT, "%s, 0 findings (%.0f s)", what, seconds));
    }

    /** {@code arguments}: minutes after which no other model is begun. */
    public static void main(String[] arguments) throws Exception {
        long end = System.nanoTime() + Long.parseLong(arguments[0]) * NANOS_PER_MINUTE;
        System.out.println(System.getProperty("os.arch") + ", Java " + System.getProperty("java.version"));
        compare(
                "every kernel: agrees with the processor",
                () -> new MetalKernelsTest()
                        .computesWhatTheReferenceComputes(
                                "check,order=shuffled,nudge=2", MetalOptions.ScratchMemory.SHARED));
        for (String architecture : List.of("qwen3_moe", "deepseek_v3")) {
            compare(
                    "a toy " + architecture + ": the processor's tokens",
                    () -> new MetalToysTest().saysWhatTheReferenceSays(architecture));
        }
        List<MetalModelsTest.Run> runs = new ArrayList<>(MetalModelsTest.runs());
        // Quantized ones first, if there is no time for all.
        runs.sort(Comparator.comparing(run -> !run.folder().startsWith("mlx")));
        List<String> left = new ArrayList<>();
        for (MetalModelsTest.Run run : runs) {
            if (System.nanoTime() - end > 0) {
                left.add(run.toString());
            } else {
                compare(
                        run + ": the reference's logits and tokens",
                        () -> new MetalModelsTest().computesWhatMlxComputes(run));
            }
        }
        System.out.println((runs.size() - left.size()) + " of " + runs.size() + " models");
        left.forEach(each -> System.out.println("not begun: " + each));
        // Threads of the simulator may still wait for work.
        System.exit(0);
    }
}
