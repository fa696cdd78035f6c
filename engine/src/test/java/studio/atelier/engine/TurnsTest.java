package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.GenerationEvent.Reading;
import studio.atelier.engine.GenerationEvent.Written;

/** Several sessions at once: nobody's answer changes, nobody waits for a whole prompt of somebody else. */
final class TurnsTest {
    private static final int TOKENS = 60;

    @TempDir
    private Path folder;

    private Engine open(String golden, BackendChoice backend, int together) throws Exception {
        Path model = TinyModel.layOut(folder.resolve(golden.replace('/', '-')), golden, 320);
        EngineOptions options = EngineOptions.defaults().withBackend(backend).withSessionsTogether(together);
        return Engine.open(model, options, _ -> {});
    }

    private static GenerationRequest greedy(String prompt, int tokens) {
        return GenerationRequest.raw(prompt, Sampling.greedy(), tokens);
    }

    private static String prompt(int number) {
        return "Question " + number + " is long. ".repeat(1 + number % 5) + "What?";
    }

    /** Eleven sessions, of which eight go together: the others wait for their next turn. */
    @ParameterizedTest(name = "{0} on {1}, {2} together")
    @CsvSource({
        "deepseek_v3/mlx-q4, CPU_FLOAT, 8",
        "deepseek_v3/mlx-q4, CPU, 8",
        "deepseek_v3/hf, CPU, 8",
        "qwen3_moe/mlx-q4, CPU_FLOAT, 3",
        "qwen3_moe/mlx-q4, CPU, 8",
        "qwen3_moe/mlx-q4, CPU, 1",
    })
    void everyAnswerIsWhatItIsAlone(String golden, BackendChoice backend, int together) throws Exception {
        int count = 11;
        try (Engine engine = open(golden, backend, together)) {
            List<String> alone = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                try (Session session = engine.newSession()) {
                    Heard heard = new Heard();
                    session.generate(request(i), heard);
                    alone.add(heard.await().text());
                }
            }
            List<Session> sessions = new ArrayList<>();
            List<Heard> answers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Session session = engine.newSession();
                Heard heard = new Heard();
                session.generate(request(i), heard);
                sessions.add(session);
                answers.add(heard);
            }
            for (int i = 0; i < count; i++) {
                answers.get(i).await().checkOrder();
                assertEquals(alone.get(i), answers.get(i).text(), "session " + i);
            }
            sessions.forEach(Session::close);
        }
    }

    /** Every third is sampled. */
    private static GenerationRequest request(int number) {
        Sampling sampling = number % 3 == 2 ? Sampling.chat().withSeed(number) : Sampling.greedy();
        return GenerationRequest.raw(prompt(number), sampling, TOKENS - number);
    }

    @Test
    void betweenTwoTokensAtMostOneChunkOfOtherPromptsIsRead() throws Exception {
        try (Engine engine = open("qwen3_moe/mlx-q4", BackendChoice.CPU, 8);
                Session running = engine.newSession();
                Session second = engine.newSession();
                Session third = engine.newSession()) {
            int limit = engine.info().contextLimit();
            List<Integer> order = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(1);
            Heard first = new Heard(event -> {
                if (event instanceof Written) {
                    order.add(0);
                    begun.countDown();
                }
            });
            running.generate(greedy("a", limit - 2), first);
            begun.await();
            Heard others = new Heard(event -> noteChunk(event, order, 1));
            Heard more = new Heard(event -> noteChunk(event, order, 2));
            String longPrompt = "x".repeat(limit - 10);
            second.generate(greedy(longPrompt, 2), others);
            third.generate(greedy(longPrompt.replace('x', 'y'), 2), more);
            others.await();
            more.await();
            running.cancel();
            first.await();
            int chunks = Math.ceilDiv(limit - 10, 256);
            assertTrue(chunks >= 3, "the context is too short for this test");
            List<Integer> reads = order.stream().filter(who -> who > 0).toList();
            assertEquals(2 * chunks, reads.size(), order.toString());
            for (int i = 1; i < order.size(); i++) {
                assertTrue(order.get(i) == 0 || order.get(i - 1) == 0, "two chunks without a token: " + order);
            }
            // Fair: while both wait, they take turns.
            List<Integer> both = reads.subList(1, 2 * chunks - 1);
            for (int i = 1; i < both.size(); i++) {
                assertTrue(!both.get(i).equals(both.get(i - 1)), "unfair: " + order);
            }
        }
    }

    /** The first thing told is what needn't be read: no chunk. */
    private static void noteChunk(GenerationEvent event, List<Integer> order, int who) {
        if (event instanceof Reading(int read, int _, int reused) && read > reused) {
            order.add(who);
        }
    }

    @Test
    void cancellingOneOfSeveralEndsThatOneAlone() throws Exception {
        try (Engine engine = open("deepseek_v3/mlx-q4", BackendChoice.CPU, 8)) {
            List<Session> sessions = new ArrayList<>();
            List<Heard> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Session session = engine.newSession();
                boolean goes = i == 2;
                Heard heard = new Heard(event -> {
                    if (goes && event instanceof Written(Statistics statistics) && statistics.generatedTokens() == 5) {
                        session.cancel();
                    }
                });
                sessions.add(session);
                answers.add(heard);
            }
            for (int i = 0; i < 4; i++) {
                sessions.get(i).generate(greedy(prompt(i), TOKENS), answers.get(i));
            }
            FinishReason[] reasons = new FinishReason[4];
            for (int i = 0; i < 4; i++) {
                reasons[i] = answers.get(i).await().finished().reason();
            }
            FinishReason[] expected = new FinishReason[4];
            Arrays.fill(expected, FinishReason.MAX_TOKENS);
            expected[2] = FinishReason.CANCELLED;
            assertEquals(List.of(expected), List.of(reasons));
            assertEquals(5, answers.get(2).statistics().generatedTokens());
            sessions.forEach(Session::close);
        }
    }
}
