package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.backend.metal.MetalBackend;
import studio.atelier.engine.backend.metal.Simulator;
import studio.atelier.engine.tensor.Backend;

/** A simulated GPU that fails again and again after a few commands, so that the processor has to go on. */
final class FailingGpu {
    private final List<MetalBackend> opened = new ArrayList<>();

    List<Backend> open() throws Exception {
        Simulator.with("fault=errors:2");
        MetalBackend backend = MetalBackend.open();
        opened.add(backend);
        return List.of(backend);
    }

    /** Or the tests would have shown nothing. */
    void requireGivenUp() {
        assertTrue(opened.stream().anyMatch(MetalBackend::gaveUp), "the GPU was never given up");
    }
}
