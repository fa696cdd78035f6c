package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.util.Optional;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;

/** Emitted kernels where this machine can run them. */
final class EmittedNibblesFixture {
    private EmittedNibblesFixture() {}

    static Optional<EmittedKernels> ofThisMachine() {
        try {
            return Optional.of(EmittedKernels.ofThisMachine());
        } catch (IOException e) {
            System.err.println("emitted kernels are not tested: " + e.getMessage());
            return Optional.empty();
        }
    }
}
