package studio.atelier.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import studio.atelier.engine.backend.ffi.AppleLibraries;
import studio.atelier.engine.backend.ffi.MetalDevice;
import studio.atelier.engine.backend.ffi.MetalException;
import studio.atelier.engine.backend.metal.Budget;

/** What this machine's GPU is and how large a model it can keep. */
public final class GpuDoctor {
    /** Weights of well-known models at 4.5 bits, in GB. */
    private record Size(String model, double gigabytes) {}

    private static final List<Size> MODELS = List.of(
            new Size("a model of 8 billion weights, 4-bit", 4.6),
            new Size("Qwen3-30B-A3B, 4-bit", 17.2),
            new Size("gpt-oss-120b, MXFP4", 63),
            new Size("Qwen3-235B-A22B, 4-bit", 132),
            new Size("DeepSeek-V3, 4-bit", 378));

    private GpuDoctor() {}

    /** Lines for a person: device, limits, budget, which models fit, and how to raise the limit. */
    public static List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (!AppleLibraries.present()) {
            lines.add("none that Metal can use: this needs a Mac with Apple silicon");
            return lines;
        }
        try (MetalDevice device = MetalDevice.systemDefault()) {
            Budget budget = Budget.of(device);
            lines.add(device.name() + (AppleLibraries.standIn().isPresent() ? ", a stand-in and no real GPU" : ""));
            lines.add("one buffer holds up to " + gigabytes(device.maxBufferLengthBytes()));
            lines.add("keeps " + gigabytes(budget.workingSetBytes()) + " at once; weights of up to "
                    + gigabytes(budget.weightBytes()) + " fit");
            lines.add(
                    device.hasResidencySets()
                            ? "weights stay resident while they are used"
                            : "macOS 15 or later would keep weights resident; here the first token after a rest is slow");
            for (Size size : MODELS) {
                boolean fits = size.gigabytes() * 1e9 <= budget.weightBytes();
                lines.add((fits ? "fits: " : "too large: ") + size.model() + " ("
                        + String.format(Locale.ROOT, "%.1f GB", size.gigabytes()) + ")");
            }
            lines.add("to raise the limit until the next restart, for a model of N GB: "
                    + Budget.remedy(0).replaceAll("[0-9]+$", "(N * 954 + 2048)"));
        } catch (MetalException | LinkageError e) {
            lines.add(String.valueOf(e.getMessage()));
        }
        return lines;
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
