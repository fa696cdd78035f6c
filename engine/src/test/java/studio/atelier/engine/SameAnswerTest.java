package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same question gives the same answer, however warm the program is: also on the fast path, where rounding shows. */
final class SameAnswerTest {
    @TempDir
    private Path folder;

    @Test
    void interpretedAndCompiledCodeAgree() throws Exception {
        Path model = TinyModel.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4", 320);
        try (Engine engine = Engine.open(model, EngineOptions.defaults(), _ -> {})) {
            String cold = answer(engine);
            for (int i = 0; i < 6; i++) {
                assertEquals(cold, answer(engine), "time " + i);
            }
        }
    }

    private static String answer(Engine engine) throws InterruptedException {
        Heard heard = new Heard();
        try (Session session = engine.newSession()) {
            session.generate(GenerationRequest.raw("What does a mixture of experts do?", Sampling.greedy(), 60), heard);
            return heard.await().text();
        }
    }
}
