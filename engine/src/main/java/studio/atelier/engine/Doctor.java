package studio.atelier.engine;

import java.util.List;
import studio.atelier.engine.backend.cpu.CpuReport;

/** Looks at this machine: what would compute here, and why not something faster. */
public final class Doctor {
    private Doctor() {}

    /** Lines about the processor's kernels, for people. */
    public static List<String> processor() {
        return CpuReport.lines();
    }
}
