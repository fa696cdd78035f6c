package studio.atelier.engine.golden;

import java.util.List;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.tensor.Backend;

/** Janus on the processor. */
final class JanusTest extends JanusGolden {
    @Override
    List<Backend> backends() {
        return List.of(CpuBackend.scalar(), CpuBackend.vectorized(2));
    }
}
