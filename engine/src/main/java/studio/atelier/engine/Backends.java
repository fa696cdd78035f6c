package studio.atelier.engine;

import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.backend.cpu.Cores;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.backend.metal.MetalBackend;
import studio.atelier.engine.tensor.Backend;

/** From a choice to what computes. */
public final class Backends {
    private Backends() {}

    /** A new backend; the caller closes it. */
    public static Backend of(BackendChoice choice) throws EngineException {
        return of(choice, Cores.physical());
    }

    /** As {@link #of(BackendChoice, int)}, with a cache of this kind. Throws where the processor has no such. */
    static Backend of(BackendChoice choice, int threads, CacheChoice cache) throws EngineException {
        Backend backend = of(choice, threads);
        return switch (cache) {
            case AUTOMATIC -> backend;
            case EIGHT_BIT -> {
                if (backend instanceof CpuBackend cpu) {
                    yield cpu.withEightBitCache();
                }
                backend.close();
                throw new EngineException(
                        Reason.CONFIG_INVALID, "An 8-bit cache is only there on the CPU: choose the backend cpu.");
            }
        };
    }

    /** As {@link #of(BackendChoice)}, with this many threads where they can be chosen. */
    static Backend of(BackendChoice choice, int threads) throws EngineException {
        return switch (choice) {
            case AUTOMATIC ->
                // Whoever names a stand-in wants the Metal path. Of a Mac's own GPU the GpuTrial decides, before this.
                System.getenv("ATELIER_METAL") == null
                        ? of(BackendChoice.CPU, threads)
                        : of(BackendChoice.METAL, threads);
            case CPU -> CpuBackend.fast(threads);
            case CPU_VECTOR -> CpuBackend.fastVectorized(threads);
            case CPU_FLOAT -> CpuBackend.vectorized(threads);
            case SCALAR -> CpuBackend.scalar();
            case METAL -> MetalBackend.open();
        };
    }
}
