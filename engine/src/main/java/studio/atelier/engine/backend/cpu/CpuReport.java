package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;

/** What computes on this processor, and why not something faster: for people. */
public final class CpuReport {
    private static final String EMITTED = ", emitted and equal to the Vector API on random data";

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
                            ? used + EMITTED + without(products, CodeForm.NIBBLES, CodeForm.NIBBLES_BY_32)
                            : used + "; no emitted kernels: " + products.reason()));
            lines.add("8-bit weights: " + way(products, CodeForm.BYTES, CodeForm.BYTES_BY_32));
            lines.add("MXFP4 weights: " + way(products, CodeForm.HALVES));
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

    /** How weights of some forms are multiplied that only emitted kernels take as they are. */
    private static String way(NibbleProducts products, CodeForm... forms) {
        String missing = without(products, forms);
        return Arrays.stream(forms).noneMatch(products::serves)
                ? new VectorKernels().description() + " (Vector API), as floats"
                : products.description() + EMITTED + missing;
    }

    /** For groups of which size, of all forms, there are no checked kernels; empty when there are all. */
    private static String without(NibbleProducts products, CodeForm... forms) {
        return Arrays.stream(forms)
                .filter(form -> !products.serves(form))
                .map(form -> ", but groups of " + form.groupSize() + " as floats")
                .collect(Collectors.joining());
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
