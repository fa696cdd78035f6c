package studio.atelier.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.chat.ChatTemplate;
import studio.atelier.engine.chat.Message;
import studio.atelier.engine.tokenizer.Tokenizer;
import studio.atelier.engine.weights.GenerationConfig;
import studio.atelier.engine.weights.ModelConfig;

/** What an engine makes of a model's folder: what is refused, and what its texts about chats and answers change. */
final class EngineFolderTest {
    private static final String PROMPT = "What does a mixture of experts do?";

    @TempDir
    static Path folder;

    private static Path model;

    @BeforeAll
    static void layOut() throws Exception {
        model = TinyModel.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4", 320);
    }

    private static GenerationRequest greedy(String prompt, int tokens) {
        return GenerationRequest.raw(prompt, Sampling.greedy(), tokens);
    }

    private static int[] greedyIds(String prompt, int count) throws EngineException {
        int[] ids = TextCodec.open(model).encode(prompt);
        return Logits.compute(model, BackendChoice.CPU_FLOAT, ids, count).greedyTokens();
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
            EngineException refusal =
                    Heard.of(session, greedy(TinyModel.LAST, 3)).failure();
            assertEquals(Reason.TOKENIZER_INVALID, refusal.reason());
            assertTrue(String.valueOf(refusal.getMessage()).contains("399"), refusal.getMessage());
            assertEquals(
                    FinishReason.MAX_TOKENS,
                    Heard.of(session, greedy("a", 3)).finished().reason());
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
            Heard heard = Heard.of(session, GenerationRequest.of(said, Sampling.greedy(), 8));
            heard.checkOrder();
            String prompt = "Be kind.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Bye\n\nAssistant:";
            assertEquals(Heard.of(another, greedy(prompt, 8)).text(), heard.text());
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
            Heard heard = Heard.of(session, greedy(PROMPT, 500));
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
        try (Engine engine = Engine.open(model, EngineOptions.defaults(), _ -> {})) {
            assertEquals(Sampling.chat(), engine.recommendedSampling());
        }
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
}
