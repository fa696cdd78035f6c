package studio.atelier.engine.golden;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import studio.atelier.engine.backend.metal.MetalBackend;
import studio.atelier.engine.backend.metal.Simulator;
import studio.atelier.engine.tensor.Backend;

/** FLUX.2 through the Metal path in simulation, with every memory access checked. */
final class Flux2OnMetalTest extends Flux2Golden {
    private Simulator simulator;

    @BeforeEach
    void begin() throws Exception {
        // Transcendental functions of a GPU are not those of the C library.
        simulator = Simulator.with("check,nudge=2,order=shuffled");
    }

    @AfterEach
    void nothingWasNoticed() {
        simulator.assertClean();
    }

    @Override
    List<Backend> backends() throws Exception {
        return List.of(MetalBackend.open());
    }
}
