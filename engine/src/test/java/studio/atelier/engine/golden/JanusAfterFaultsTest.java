package studio.atelier.engine.golden;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import studio.atelier.engine.tensor.Backend;

/** Janus when the GPU fails in the middle: the processor goes on, and the numbers are the same. */
final class JanusAfterFaultsTest extends JanusGolden {
    private static final FailingGpu GPU = new FailingGpu();

    @AfterAll
    static void gpuWasGivenUp() {
        GPU.requireGivenUp();
    }

    @Override
    List<Backend> backends() throws Exception {
        return GPU.open();
    }
}
