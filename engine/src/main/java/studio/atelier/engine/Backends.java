package studio.atelier.engine;

import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.backend.metal.MetalBackend;
import studio.atelier.engine.tensor.Backend;

/** From a choice to what computes. */
final class Backends {
    private Backends() {}

    /** A new backend; the caller closes it. */
    static Backend of(BackendChoice choice) throws EngineException {
        return switch (choice) {
            case AUTOMATIC ->
                // Whoever names a stand-in wants the Metal path; a Mac's own GPU must first be seen to compute rightly.
                System.getenv("ATELIER_METAL") == null ? of(BackendChoice.CPU) : of(BackendChoice.METAL);
            case CPU -> CpuBackend.vectorized(Runtime.getRuntime().availableProcessors());
            case SCALAR -> CpuBackend.scalar();
            case METAL -> MetalBackend.open();
        };
    }
}
