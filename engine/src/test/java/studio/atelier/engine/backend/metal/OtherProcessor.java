package studio.atelier.engine.backend.metal;

import java.util.List;

/**
 * The comparisons of {@link MetalKernelsTest} and some of {@link MetalModelsTest} as a program, for a Java on another kind
 * of processor where no test runner is: see {@code aarch64.sh}. Ends with 0 when all agree and the checker found nothing.
 */
final class OtherProcessor {
    private OtherProcessor() {}

    private record Model(String name, String folder, String reference) {}

    private static final List<Model> MODELS = List.of(
            new Model("deepseek_v3", "mlx-q4", "golden-q4"),
            new Model("qwen3_moe", "mlx-q4", "golden-q4"),
            new Model("gpt_oss", "mlx-mxfp4", "golden-mxfp4"));

    public static void main(String[] arguments) throws Exception {
        System.out.println(System.getProperty("os.arch") + ", Java " + System.getProperty("java.version"));
        new MetalKernelsTest()
                .computesWhatTheReferenceComputes("check,order=shuffled,nudge=2", MetalOptions.ScratchMemory.SHARED);
        System.out.println("every kernel: agrees with the processor, 0 findings");
        for (Model model : MODELS) {
            new MetalModelsTest().computesWhatMlxComputes(model.name(), model.folder(), model.reference(), "forward");
            System.out.println(model.name() + "/" + model.folder() + ": the reference's logits and tokens, 0 findings");
        }
    }
}
