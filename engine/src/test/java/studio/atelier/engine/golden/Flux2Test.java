package studio.atelier.engine.golden;

import java.util.List;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.tensor.Backend;

/** FLUX.2 on the processor. */
final class Flux2Test extends Flux2Golden {
    @Override
    List<Backend> backends() {
        return List.of(CpuBackend.scalar(), CpuBackend.vectorized(2));
    }
}
