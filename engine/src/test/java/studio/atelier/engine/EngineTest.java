package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.GenerationEvent.Written;
import studio.atelier.engine.chat.Message;

/** The public face over a golden DeepSeek-V3 of four layers in 4 bits, whose words mean nothing. */
final class EngineTest {
    private static final String PROMPT = "What does a mixture of experts do?";

    @TempDir
    static Path folder;

    private static Engine engine;
    private static Path model;

    @BeforeAll
    static void open() throws Exception {
        model = TinyModel.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4", 320);
        engine = Engine.open(model, EngineOptions.defaults().withBackend(BackendChoice.CPU_FLOAT), _ -> {});
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static Heard ask(GenerationRequest request) throws InterruptedException {
        try (Session session = engine.newSession()) {
            return Heard.of(session, request);
        }
    }

    private static GenerationRequest greedy(String prompt, int tokens) {
        return GenerationRequest.raw(prompt, Sampling.greedy(), tokens);
    }

    private static int[] greedyIds(String prompt, int count) throws EngineException {
        int[] ids = TextCodec.open(model).encode(prompt);
        return Logits.compute(model, BackendChoice.CPU_FLOAT, ids, count).greedyTokens();
    }

    @Test
    void tellsWhatItOpened() {
        ModelInfo info = engine.info();
        assertEquals("tiny", info.name());
        assertEquals("deepseek_v3", info.architecture());
        assertEquals("4-bit", info.quantization());
        assertEquals(1280, info.contextLimit());
        assertEquals(548_160, info.weightBytes());
    }

    @Test
    void writesWhatTheRawModelWrites() throws Exception {
        Heard heard = ask(greedy(PROMPT, 40));
        heard.checkOrder();
        int[] ids = greedyIds(PROMPT, 40);
        assertEquals(TextCodec.open(model).decode(withoutSpecial(ids)), heard.text());
        Statistics figures = heard.statistics();
        assertEquals(PROMPT.length(), figures.promptTokens());
        assertEquals(0, figures.reusedTokens());
        assertTrue(figures.firstTokenMillis() > 0 && figures.prefillTokensPerSecond() > 0, figures.toString());
        assertTrue(figures.decodeTokensPerSecond() > 0, figures.toString());
    }

    private static int[] withoutSpecial(int[] ids) {
        return Arrays.stream(ids).filter(id -> id > 5 && id < 319).toArray();
    }

    @Test
    void readsLongPromptsInChunksAndTellsOfEach() throws Exception {
        String prompt = "What is an expert? ".repeat(37);
        Heard heard = ask(greedy(prompt, 8));
        heard.checkOrder();
        assertEquals(4, heard.count(GenerationEvent.Reading.class), heard.events.toString());
        int[] inOnePass = greedyIds(prompt, 8);
        assertEquals(TextCodec.open(model).decode(withoutSpecial(inOnePass)), heard.text());
    }

    @Test
    void cancelsInTheMiddleOfALongPass() throws Exception {
        try (Session session = engine.newSession()) {
            String prompt = "What is an expert? ".repeat(13);
            Heard.of(session, greedy(prompt, 3));
            Thread canceller = Thread.ofVirtual().unstarted(session::cancel);
            Heard heard = new Heard(event -> {
                if (event instanceof GenerationEvent.Reading) {
                    canceller.start();
                }
            });
            session.generate(greedy("y".repeat(1200), 3), heard);
            assertEquals(FinishReason.CANCELLED, heard.await().finished().reason());
            // What lies in the cache after a pass that was given up is as good as new.
            assertEquals(
                    ask(greedy(prompt, 8)).text(),
                    Heard.of(session, greedy(prompt, 8)).text());
        }
    }

    @Test
    void readsNothingTwice() throws Exception {
        try (Session session = engine.newSession()) {
            Heard first = Heard.of(session, greedy(PROMPT, 12));
            int held = first.statistics().contextTokens();
            assertEquals(PROMPT.length() + 11, held);
            String second = PROMPT + first.text() + " And then?";
            int[] now = TextCodec.open(model).encode(second);
            int[] before = TextCodec.open(model).encode(PROMPT);
            int[] timeline = Arrays.copyOf(before, held);
            System.arraycopy(greedyIds(PROMPT, 12), 0, timeline, before.length, held - before.length);
            int shared = Arrays.mismatch(timeline, now);
            Heard again = Heard.of(session, greedy(second, 5));
            assertEquals(shared, again.statistics().reusedTokens());
            assertTrue(shared >= PROMPT.length());
            assertEquals(new GenerationEvent.Reading(shared, now.length, shared), again.events.getFirst());
            assertEquals(ask(greedy(second, 5)).text(), again.text());
        }
    }

    @Test
    void forgetsWhereAConversationWasChanged() throws Exception {
        try (Session session = engine.newSession()) {
            Heard.of(session, greedy("abcdefgh", 9));
            Heard changed = Heard.of(session, greedy("abcdXYZ", 9));
            assertEquals(4, changed.statistics().reusedTokens());
            assertEquals(ask(greedy("abcdXYZ", 9)).text(), changed.text());
            assertEquals(6, Heard.of(session, greedy("abcdXYZ", 9)).statistics().reusedTokens());
        }
    }

    @Test
    void sameSeedSameAnswer() throws Exception {
        Sampling sampling = Sampling.chat().withTemperature(1.5).withSeed(11);
        String first = ask(GenerationRequest.raw(PROMPT, sampling, 30)).text();
        assertEquals(first, ask(GenerationRequest.raw(PROMPT, sampling, 30)).text());
        assertNotEquals(
                first,
                ask(GenerationRequest.raw(PROMPT, sampling.withSeed(12), 30)).text());
    }

    @Test
    void cancelsWithinOneToken() throws Exception {
        try (Session session = engine.newSession()) {
            Heard heard = new Heard(event -> {
                if (event instanceof Written(Statistics statistics) && statistics.generatedTokens() == 3) {
                    session.cancel();
                }
            });
            session.generate(greedy(PROMPT, 500), heard);
            heard.await();
            assertEquals(FinishReason.CANCELLED, heard.finished().reason());
            assertEquals(3, heard.statistics().generatedTokens());
            assertEquals(
                    FinishReason.MAX_TOKENS,
                    Heard.of(session, greedy(PROMPT, 2)).finished().reason());
        }
    }

    @Test
    void cancelEndsAnswersThatWaitToo() throws Exception {
        try (Session session = engine.newSession()) {
            CompletableFuture<Void> bothAsked = new CompletableFuture<>();
            Heard second = new Heard();
            Heard first = new Heard(event -> {
                if (event instanceof Written) {
                    bothAsked.join();
                    session.cancel();
                }
            });
            session.generate(greedy(PROMPT, 500), first);
            session.generate(greedy(PROMPT, 500), second);
            bothAsked.complete(null);
            assertEquals(FinishReason.CANCELLED, first.await().finished().reason());
            assertEquals(FinishReason.CANCELLED, second.await().finished().reason());
        }
    }

    @Test
    void sessionsTakeTurnsAndDoNotDisturbEachOther() throws Exception {
        String other = "Another one";
        String alone = ask(greedy(PROMPT, 60)).text();
        String otherAlone = ask(greedy(other, 60)).text();
        List<Integer> order = new ArrayList<>();
        try (Session one = engine.newSession();
                Session two = engine.newSession()) {
            Heard first = new Heard(event -> note(event, order, 1));
            Heard second = new Heard(event -> note(event, order, 2));
            one.generate(greedy(PROMPT, 60), first);
            two.generate(greedy(other, 60), second);
            assertEquals(alone, first.await().text());
            assertEquals(otherAlone, second.await().text());
        }
        int changes = 0;
        for (int i = 1; i < order.size(); i++) {
            changes += order.get(i).equals(order.get(i - 1)) ? 0 : 1;
        }
        assertTrue(changes > 60, "they took few turns: " + order);
    }

    private static void note(GenerationEvent event, List<Integer> order, int who) {
        if (event instanceof Written) {
            order.add(who);
        }
    }

    @Test
    void answersOfOneSessionComeOneAfterTheOther() throws Exception {
        try (Session session = engine.newSession()) {
            Heard first = new Heard();
            Heard second = new Heard(event -> assertTrue(first.last() instanceof GenerationEvent.Finished));
            session.generate(greedy(PROMPT, 20), first);
            session.generate(greedy(PROMPT, 20), second);
            second.await();
            assertEquals(first.text(), second.text());
        }
    }

    @Test
    void stopsBeforeATextThatCrossesTokens() throws Exception {
        String whole = ask(greedy(PROMPT, 60)).text();
        String stop = whole.substring(10, 25);
        assertEquals(10, whole.indexOf(stop));
        Heard heard = ask(greedy(PROMPT, 60).withStopTexts(List.of("never comes", stop)));
        assertEquals(whole.substring(0, 10), heard.text());
        assertEquals(FinishReason.STOP, heard.finished().reason());
        assertTrue(heard.statistics().generatedTokens() < 60);
        heard.checkOrder();
    }

    @Test
    void whatOnlyBeganLikeAStopTextIsTold() throws Exception {
        String whole = ask(greedy(PROMPT, 20)).text();
        String beginning = whole.substring(whole.length() - 1);
        Heard heard = ask(greedy(PROMPT, 20).withStopTexts(List.of(beginning + "\u0001\u0002")));
        assertEquals(whole, heard.text());
    }

    @Test
    void endsAtTheLimitOfTheRequest() throws Exception {
        Heard heard = ask(greedy(PROMPT, 1));
        assertEquals(FinishReason.MAX_TOKENS, heard.finished().reason());
        assertEquals(1, heard.statistics().generatedTokens());
        assertThrows(IllegalArgumentException.class, () -> greedy(PROMPT, 0));
    }

    @Test
    void endsWhenTheContextIsFull() throws Exception {
        EngineOptions small = EngineOptions.defaults().withContextLimit(40);
        try (Engine narrow = Engine.open(model, small, _ -> {});
                Session session = narrow.newSession()) {
            assertEquals(40, narrow.info().contextLimit());
            Heard heard = Heard.of(session, greedy("x".repeat(30), 500));
            assertEquals(FinishReason.CONTEXT_FULL, heard.finished().reason());
            assertEquals(40, heard.statistics().contextTokens());
            EngineException tooLong =
                    Heard.of(session, greedy("x".repeat(40), 500)).failure();
            assertEquals(Reason.CONTEXT_TOO_LONG, tooLong.reason());
            assertTrue(String.valueOf(tooLong.getMessage()).contains("40"), tooLong.getMessage());
            assertEquals(
                    FinishReason.MAX_TOKENS,
                    Heard.of(session, greedy("x", 3)).finished().reason());
        }
    }

    @Test
    void closingEndsWhatRuns() throws Exception {
        Engine closing = Engine.open(model, EngineOptions.defaults(), _ -> {});
        CountDownLatch writes = new CountDownLatch(1);
        Heard running = new Heard(event -> {
            if (event instanceof Written) {
                writes.countDown();
            }
        });
        Heard waiting = new Heard();
        Session session = closing.newSession();
        session.generate(greedy(PROMPT, 1200), running);
        session.generate(greedy(PROMPT, 1200), waiting);
        writes.await();
        closing.close();
        assertEquals(FinishReason.CANCELLED, running.finished().reason());
        assertEquals(FinishReason.CANCELLED, waiting.finished().reason());
        assertEquals(
                Reason.CLOSED, Heard.of(session, greedy(PROMPT, 1)).failure().reason());
        assertEquals(
                Reason.CLOSED,
                Heard.of(closing.newSession(), greedy(PROMPT, 1)).failure().reason());
        closing.close();
    }

    @Test
    void closingASessionEndsItsAnswersAlone() throws Exception {
        try (Session stays = engine.newSession()) {
            Session goes = engine.newSession();
            Heard ended = new Heard();
            Heard kept = new Heard(event -> {
                if (event instanceof Written) {
                    goes.close();
                }
            });
            goes.generate(greedy(PROMPT, 1200), ended);
            stays.generate(greedy(PROMPT, 20), kept);
            assertEquals(FinishReason.CANCELLED, ended.await().finished().reason());
            assertEquals(FinishReason.MAX_TOKENS, kept.await().finished().reason());
            assertEquals(
                    Reason.CLOSED, Heard.of(goes, greedy(PROMPT, 1)).failure().reason());
        }
    }

    @Test
    void closesFromAnEventOfItsOwn() throws Exception {
        Engine closing = Engine.open(model, EngineOptions.defaults(), _ -> {});
        Heard heard = new Heard(event -> {
            if (event instanceof Written) {
                closing.close();
            }
        });
        closing.newSession().generate(greedy(PROMPT, 1200), heard);
        assertEquals(FinishReason.CANCELLED, heard.await().finished().reason());
    }

    @Test
    void anAskerThatFailsHarmsNobodyElse() throws Exception {
        try (Session bad = engine.newSession()) {
            bad.generate(greedy(PROMPT, 50), _ -> {
                throw new IllegalStateException("meant to fail");
            });
            assertEquals(
                    FinishReason.MAX_TOKENS, ask(greedy(PROMPT, 5)).finished().reason());
            assertEquals(
                    FinishReason.MAX_TOKENS,
                    Heard.of(bad, greedy(PROMPT, 5)).finished().reason());
        }
    }

    @Test
    void answersConversationsThroughTheTemplate() throws Exception {
        List<Message> said = List.of(Message.system("Be kind."), Message.user("你好"));
        Heard heard = ask(GenerationRequest.of(said, Sampling.greedy(), 8));
        heard.checkOrder();
        // Three special tokens around eight bytes and six.
        assertEquals(3 + 8 + 6, heard.statistics().promptTokens());
        Heard raw = ask(greedy("<|system|>Be kind.<|user|>你好<|assistant|>", 8));
        assertEquals(raw.statistics().promptTokens(), heard.statistics().promptTokens());
        assertFalse(heard.text().isEmpty());
    }

    @Test
    void emptyPromptIsRefused() throws Exception {
        assertEquals(Reason.TEMPLATE_FAILED, ask(greedy("", 5)).failure().reason());
    }
}
