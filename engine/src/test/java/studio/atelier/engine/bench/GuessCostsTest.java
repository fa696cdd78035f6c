package studio.atelier.engine.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.golden.GoldenFile;
import studio.atelier.engine.loading.ModelFolder;
import studio.atelier.engine.models.CausalModel;

final class GuessCostsTest {
    @Test
    void guessesPayByWhatTheySaveAndCost() {
        GuessCosts costs = new GuessCosts(0.010, 0.013, 0.002);
        assertEquals(2 / 1.5, costs.speed(1), 1e-9);
        assertEquals(1.5 / 1.5, costs.speed(0.5), 1e-9);
    }

    @Test
    void measuresALayer() throws Exception {
        try (ModelFolder folder = ModelFolder.open(GoldenFile.path("deepseek_v3/hf"));
                CpuBackend backend = CpuBackend.vectorized(1)) {
            CausalModel model = folder.load(backend);
            GuessCosts costs = GuessCosts.of(model, model.drafter().orElseThrow());
            assertTrue(costs.oneSeconds() > 0 && costs.twoSeconds() > 0 && costs.guessSeconds() > 0, costs.toString());
        }
    }
}
