package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.running.Dialogue;
import studio.atelier.app.running.OpenModel;
import studio.atelier.app.running.Question;
import studio.atelier.app.script.TinyFolder;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.GenerationEvent.FinishReason;
import studio.atelier.engine.LoadProgress;
import studio.atelier.engine.Sampling;
import studio.atelier.models.store.StarterModel;

/** The window's way to the engine, with the engine behind it. */
final class EngineOpenerTest {
    @TempDir
    Path folder;

    private static Question question(int answerLimit, String... said) {
        List<Question.Turn> turns = new ArrayList<>();
        for (int i = 0; i < said.length; i++) {
            turns.add(new Question.Turn(i % 2 == 0 ? Question.Role.PERSON : Question.Role.MODEL, said[i]));
        }
        return new Question(turns, Sampling.greedy(), answerLimit);
    }

    private static List<GenerationEvent> answer(Dialogue dialogue, Question question) throws InterruptedException {
        BlockingQueue<GenerationEvent> told = new LinkedBlockingQueue<>();
        dialogue.answer(question, told::add);
        List<GenerationEvent> events = new ArrayList<>();
        do {
            GenerationEvent event = told.poll(60, TimeUnit.SECONDS);
            assertTrue(event != null, "no end came after " + events);
            events.add(event);
        } while (!(events.getLast() instanceof GenerationEvent.Finished));
        return events;
    }

    private static String textOf(List<GenerationEvent> events) {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> {
            if (event instanceof GenerationEvent.Text(String piece)) {
                text.append(piece);
            }
        });
        return text.toString();
    }

    @Test
    void aConversationReadsOnlyWhatIsNew() throws Exception {
        Path model = TinyFolder.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4");
        List<LoadProgress> progress = new ArrayList<>();
        try (OpenModel open = new EngineOpener(folder).open(model, CacheChoice.AUTOMATIC, progress::add);
                Dialogue dialogue = open.newDialogue()) {
            assertEquals(model, open.info().folder());
            assertEquals("tiny", open.info().name());
            assertEquals(progress.getLast().totalBytes(), progress.getLast().readBytes());
            List<GenerationEvent> first = answer(dialogue, question(10, "How?"));
            GenerationEvent.Finished end = assertInstanceOf(GenerationEvent.Finished.class, first.getLast());
            assertEquals(FinishReason.MAX_TOKENS, end.reason());
            List<GenerationEvent> second = answer(dialogue, question(10, "How?", textOf(first), "And then?"));
            GenerationEvent.Finished after = assertInstanceOf(GenerationEvent.Finished.class, second.getLast());
            assertTrue(after.statistics().reusedTokens() >= end.statistics().promptTokens(), after.toString());
        }
    }

    @Test
    void whatWasReadIsKeptAsAsked() throws Exception {
        Path model = TinyFolder.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4");
        for (CacheChoice asked : CacheChoice.values()) {
            try (OpenModel open = new EngineOpener(folder).open(model, asked, _ -> {})) {
                String computes = open.info().backend();
                assertEquals(asked == CacheChoice.EIGHT_BIT, computes.contains("8-bit cache"), computes);
            }
        }
    }

    @Test
    void whatRunsEndsWithTheModel() throws Exception {
        Path model = TinyFolder.layOut(folder.resolve("tiny"), "deepseek_v3/mlx-q4");
        OpenModel open = new EngineOpener(folder).open(model, CacheChoice.AUTOMATIC, _ -> {});
        BlockingQueue<GenerationEvent> told = new LinkedBlockingQueue<>();
        open.newDialogue().answer(question(1000, "How?"), told::add);
        told.poll(60, TimeUnit.SECONDS);
        open.close();
        GenerationEvent last = List.copyOf(told).getLast();
        assertEquals(
                FinishReason.CANCELLED,
                assertInstanceOf(GenerationEvent.Finished.class, last).reason());
    }

    @Test
    void aFolderThatIsNoModelIsRefused() {
        EngineException refusal = assertThrows(
                EngineException.class, () -> new EngineOpener(folder).open(folder, CacheChoice.AUTOMATIC, _ -> {}));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusal.reason());
    }

    @Test
    void theModelThatComesWithTheProgramIsKnownByOneFolder() {
        assertEquals(StarterModel.isIncluded(), EngineOpener.included(folder).isPresent());
        EngineOpener.included(folder)
                .ifPresent(known ->
                        assertEquals(StarterModel.NAME, known.getFileName().toString()));
    }
}
