package studio.atelier.engine;

import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.cpu.Cores;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.tensor.Backend;

/** From a choice to what computes. */
public final class Backends {
    private Backends() {}

    /** A new backend; the caller closes it. */
    public static Backend of(BackendChoice choice) throws EngineException {
        return of(choice, Cores.physical());
    }

    /** As {@link #of(BackendChoice)}, with this many threads where they can be chosen. */
    static Backend of(BackendChoice choice, int threads) throws EngineException {
        return switch (choice) {
            case AUTOMATIC, CPU -> CpuBackend.fast(threads);
            case CPU_FLOAT -> CpuBackend.vectorized(threads);
            case SCALAR -> CpuBackend.scalar();
            case METAL ->
                throw new EngineException(
                        Reason.BACKEND_UNAVAILABLE,
                        "This version of Atelier can't compute on Apple GPUs yet; choose the cpu backend.");
        };
    }
}
