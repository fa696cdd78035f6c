package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.GenerationEvent.Written;
import studio.atelier.engine.chat.ChatTemplate;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.tokenizer.Tokenizer;
import studio.atelier.engine.weights.GenerationConfig;
import studio.atelier.engine.weights.ModelConfig;

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

    private static Heard ask(Session session, GenerationRequest request) throws InterruptedException {
        Heard heard = new Heard();
        session.generate(request, heard);
        return heard.await();
    }

    private static Heard ask(GenerationRequest request) throws InterruptedException {
        try (Session session = engine.newSession()) {
            return ask(session, request);
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
            ask(session, greedy(prompt, 3));
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
                    ask(session, greedy(prompt, 8)).text());
        }
    }

    @Test
    void readsNothingTwice() throws Exception {
        try (Session session = engine.newSession()) {
            Heard first = ask(session, greedy(PROMPT, 12));
            int held = first.statistics().contextTokens();
            assertEquals(PROMPT.length() + 11, held);
            String second = PROMPT + first.text() + " And then?";
            int[] now = TextCodec.open(model).encode(second);
            int[] before = TextCodec.open(model).encode(PROMPT);
            int[] timeline = Arrays.copyOf(before, held);
            System.arraycopy(greedyIds(PROMPT, 12), 0, timeline, before.length, held - before.length);
            int shared = Arrays.mismatch(timeline, now);
            Heard again = ask(session, greedy(second, 5));
            assertEquals(shared, again.statistics().reusedTokens());
            assertTrue(shared >= PROMPT.length());
            assertEquals(new GenerationEvent.Reading(shared, now.length, shared), again.events.getFirst());
            assertEquals(ask(greedy(second, 5)).text(), again.text());
        }
    }

    @Test
    void forgetsWhereAConversationWasChanged() throws Exception {
        try (Session session = engine.newSession()) {
            ask(session, greedy("abcdefgh", 9));
            Heard changed = ask(session, greedy("abcdXYZ", 9));
            assertEquals(4, changed.statistics().reusedTokens());
            assertEquals(ask(greedy("abcdXYZ", 9)).text(), changed.text());
            assertEquals(6, ask(session, greedy("abcdXYZ", 9)).statistics().reusedTokens());
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
                    ask(session, greedy(PROMPT, 2)).finished().reason());
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
            Heard heard = ask(session, greedy("x".repeat(30), 500));
            assertEquals(FinishReason.CONTEXT_FULL, heard.finished().reason());
            assertEquals(40, heard.statistics().contextTokens());
            EngineException tooLong = ask(session, greedy("x".repeat(40), 500)).failure();
            assertEquals(Reason.CONTEXT_TOO_LONG, tooLong.reason());
            assertTrue(String.valueOf(tooLong.getMessage()).contains("40"), tooLong.getMessage());
            assertEquals(
                    FinishReason.MAX_TOKENS,
                    ask(session, greedy("x", 3)).finished().reason());
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
        assertEquals(Reason.CLOSED, ask(session, greedy(PROMPT, 1)).failure().reason());
        assertEquals(
                Reason.CLOSED,
                ask(closing.newSession(), greedy(PROMPT, 1)).failure().reason());
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
            assertEquals(Reason.CLOSED, ask(goes, greedy(PROMPT, 1)).failure().reason());
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
                    ask(bad, greedy(PROMPT, 5)).finished().reason());
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
    void tellsHowMuchWasRead() throws Exception {
        List<LoadProgress> told = new ArrayList<>();
        Engine.open(model, EngineOptions.defaults(), told::add).close();
        assertEquals(new LoadProgress(0, 548_160), told.getFirst());
        assertEquals(new LoadProgress(548_160, 548_160), told.getLast());
    }

    @Test
    void anInterruptEndsTheOpening() {
        EngineException refusal = assertThrows(
                EngineException.class,
                () -> Engine.open(
                        model,
                        EngineOptions.defaults(),
                        _ -> Thread.currentThread().interrupt()));
        assertTrue(Thread.interrupted());
        assertEquals(Reason.CLOSED, refusal.reason());
    }

    @Test
    void aFolderWithoutATokenizerIsRefused() throws Exception {
        Path folderWithout = TinyModel.layOut(folder.resolve("mute"), "deepseek_v3/mlx-q4", 320);
        Files.delete(folderWithout.resolve("tokenizer.json"));
        EngineException refusal = assertThrows(
                EngineException.class, () -> Engine.open(folderWithout, EngineOptions.defaults(), _ -> {}));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusal.reason());
        assertTrue(String.valueOf(refusal.getMessage()).contains("tokenizer.json"), refusal.getMessage());
    }

    @Test
    void aTokenizerOfAnotherModelIsRefusedAtTheFirstTokenThatIsNotThere() throws Exception {
        Path other = TinyModel.layOut(folder.resolve("other"), "deepseek_v3/mlx-q4", 400);
        try (Engine strange = Engine.open(other, EngineOptions.defaults(), _ -> {});
                Session session = strange.newSession()) {
            EngineException refusal = ask(session, greedy(TinyModel.LAST, 3)).failure();
            assertEquals(Reason.TOKENIZER_INVALID, refusal.reason());
            assertTrue(String.valueOf(refusal.getMessage()).contains("399"), refusal.getMessage());
            assertEquals(
                    FinishReason.MAX_TOKENS,
                    ask(session, greedy("a", 3)).finished().reason());
        }
    }

    @Test
    void aModelWithoutATemplateAnswersInParagraphs() throws Exception {
        Path plain = TinyModel.layOut(folder.resolve("plain"), "deepseek_v3/mlx-q4", 320);
        Files.delete(plain.resolve("chat_template.jinja"));
        try (Engine untaught = Engine.open(plain, EngineOptions.defaults(), _ -> {});
                Session session = untaught.newSession();
                Session another = untaught.newSession()) {
            List<Message> said = List.of(
                    Message.system("Be kind."), Message.user("Hi"), Message.assistant("Hello"), Message.user("Bye"));
            Heard heard = ask(session, GenerationRequest.of(said, Sampling.greedy(), 8));
            heard.checkOrder();
            String prompt = "Be kind.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant:";
            assertEquals(ask(another, greedy(prompt, 8)).text(), heard.text());
            assertEquals(prompt.length(), heard.statistics().promptTokens());
        }
    }

    @Test
    void endsAtTheTokenThatTheFolderNames() throws Exception {
        int[] ids = greedyIds(PROMPT, 20);
        int end = 0;
        while (end < 10 || Arrays.stream(ids, 0, end).anyMatch(earlier(ids[end]))) {
            end++;
        }
        Path ending = TinyModel.layOut(folder.resolve("ending"), "deepseek_v3/mlx-q4", 320);
        Files.writeString(ending.resolve("generation_config.json"), "{\"eos_token_id\": [" + ids[end] + ", 1]}");
        EngineOptions exact = EngineOptions.defaults().withBackend(BackendChoice.CPU_FLOAT);
        try (Engine other = Engine.open(ending, exact, _ -> {});
                Session session = other.newSession()) {
            Heard heard = ask(session, greedy(PROMPT, 500));
            assertEquals(FinishReason.STOP, heard.finished().reason());
            assertEquals(end, heard.statistics().generatedTokens());
        }
    }

    private static java.util.function.IntPredicate earlier(int id) {
        return each -> each == id;
    }

    @Test
    void theTokenBehindAnAnswerInTheTemplateIsAnEndToo() throws Exception {
        GenerationConfig config = new GenerationConfig(
                List.of(1),
                true,
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty());
        Tokenizer tokenizer = Tokenizer.open(model);
        assertEquals(Set.of(1, 3), EndTokens.of(config, tokenizer, Optional.of(ChatTemplate.open(model))));
        assertEquals(Set.of(1), EndTokens.of(config, tokenizer, Optional.empty()));
        ChatTemplate endless = ChatTemplate.of("{% for m in messages %}{{ m.content }} {% endfor %}", Map.of());
        assertEquals(Set.of(1), EndTokens.of(config, tokenizer, Optional.of(endless)));
        ChatTemplate strict = ChatTemplate.of("{{ raise_exception('no') }}", Map.of());
        assertEquals(Set.of(1), EndTokens.of(config, tokenizer, Optional.of(strict)));
    }

    @Test
    void whatAPublisherRecommendsIsTakenAsFarAsItMakesSense() throws Exception {
        assertEquals(Sampling.chat(), engine.recommendedSampling());
        assertEquals(
                Sampling.chat().withTemperature(0.6).withTopK(20).withTopP(0.8),
                recommended("{\"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.8}"));
        assertEquals(Sampling.chat(), recommended("{\"temperature\": -3, \"top_k\": -1, \"top_p\": 0}"));
        assertEquals(Sampling.greedy(), recommended("{\"do_sample\": false, \"temperature\": 0.6}"));
    }

    private static Sampling recommended(String json) throws Exception {
        Path file = Files.writeString(folder.resolve("generation.json"), json);
        Files.createDirectories(folder.resolve("publisher"));
        Files.copy(
                file,
                folder.resolve("publisher/generation_config.json"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return RecommendedSampling.of(
                GenerationConfig.inFolder(folder.resolve("publisher"), ModelConfig.inFolder(model)));
    }

    @Test
    void emptyPromptIsRefused() throws Exception {
        assertEquals(Reason.TEMPLATE_FAILED, ask(greedy("", 5)).failure().reason());
    }
}
