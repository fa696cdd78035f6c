package studio.atelier.engine.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.image.FluxFolder;
import studio.atelier.engine.loading.Component;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Pass;
import studio.atelier.engine.tensor.Tensor;

/** What padding may see, and what may not see it. */
final class Flux2TextTest {
    private static final int[] PROMPT = {3, 50, 7, 90, 12};

    @FunctionalInterface
    private interface Check {
        void on(Decoder language, Flux2Text text);
    }

    private static void with(Path folder, Check check) throws Exception {
        FluxFolder.textEncoder(folder);
        try (CpuBackend backend = CpuBackend.scalar();
                Component component = Component.open(folder)) {
            Modules modules = new Modules(backend, component.weights());
            check.on(
                    Qwen3.load(component.config(), modules),
                    Flux2Text.load(
                            component.config(), modules, backend.pictures().orElseThrow()));
        }
    }

    @Test
    void readsAPromptAsTheLanguageModelDoes(@TempDir Path folder) throws Exception {
        with(folder, (language, text) -> {
            float[] rows = text.read(PROMPT, PROMPT.length, Stages.Watcher.NONE);
            Batch batch = Batch.of(language.newCache(), PROMPT.length);
            try (Pass _ = language.backend().beginPass()) {
                Tensor x = language.backend().gather(language.embedding(), PROMPT);
                for (int layer = 0; layer < 3; layer++) {
                    x = language.blocks().get(layer).forward(x, batch, layer);
                    float[] state = new float[x.shape().size()];
                    x.copyTo(state);
                    for (int i = 0; i < state.length; i++) {
                        assertEquals(state[i], rows[i / 8 * 24 + layer * 8 + i % 8], 1e-5);
                    }
                }
            }
        });
    }

    @Test
    void paddingSeesThePromptAndIsSeenByNobody(@TempDir Path folder) throws Exception {
        with(folder, (_, text) -> {
            float[] alone = text.read(PROMPT, PROMPT.length, Stages.Watcher.NONE);
            int[] padded = Arrays.copyOf(PROMPT, 9);
            float[] rows = text.read(padded, PROMPT.length, Stages.Watcher.NONE);
            for (int i = 0; i < alone.length; i++) {
                assertEquals(alone[i], rows[i], 1e-5);
            }
            int[] otherPadding = padded.clone();
            otherPadding[6] = 40;
            float[] changed = text.read(otherPadding, PROMPT.length, Stages.Watcher.NONE);
            for (int i = 0; i < rows.length; i++) {
                if (i / 24 != 6) {
                    assertEquals(rows[i], changed[i], 1e-6);
                }
            }
            int[] otherPrompt = padded.clone();
            otherPrompt[2] = 99;
            float[] other = text.read(otherPrompt, PROMPT.length, Stages.Watcher.NONE);
            assertNotEquals(rows[8 * 24 + 23], other[8 * 24 + 23]);
        });
    }
}
