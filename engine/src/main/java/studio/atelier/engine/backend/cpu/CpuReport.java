package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;

/** What computes on this processor, and why not something faster: for people. */
public final class CpuReport {
    private CpuReport() {}

    /** A line for each kind of kernel, then one for each that is not used. Emits and checks the kernels as a start does. */
    public static List<String> lines() {
        List<String> lines = new ArrayList<>();
        int processors = Runtime.getRuntime().availableProcessors();
        lines.add("threads: " + Cores.physical() + ", one for each core, of " + processors + " processors");
        String used;
        boolean attends;
        try (CpuThreads threads = new CpuThreads(1)) {
            NibbleProducts products = NibbleProducts.of(threads);
            used = products.description();
            attends = new CpuAttention(new VectorKernels(), threads, products.emitted()).isEmitted();
            lines.add("4-bit weights: "
                    + (products.reason().isEmpty()
                            ? used + ", emitted at the start and equal to the Vector API on random data"
                            : used + "; no emitted kernels: " + products.reason()));
        }
        String vectors = new VectorKernels().description() + " (Vector API)";
        lines.add("attention over a bfloat16 cache: " + (attends ? used + ", emitted, equal to plain loops" : vectors));
        lines.add("other weights, norms: " + vectors);
        for (InstructionSet set : InstructionSet.values()) {
            if (!set.label().equals(used)) {
                lines.add(set.label() + ": " + whyNot(set));
            }
        }
        return lines;
    }

    private static String whyNot(InstructionSet set) {
        try {
            return EmittedKernels.setsOfThisMachine().contains(set)
                    ? "there, but not the best"
                    : "this processor or its system does not have it";
        } catch (IOException e) {
            return "can't be asked for: " + e.getMessage();
        }
    }
}
