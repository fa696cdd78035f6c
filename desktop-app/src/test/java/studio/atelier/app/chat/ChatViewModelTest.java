package studio.atelier.app.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.HelpPage;
import studio.atelier.app.library.Library;
import studio.atelier.app.library.Message;
import studio.atelier.app.running.ModelState;
import studio.atelier.app.running.Question;
import studio.atelier.app.running.RunningModel;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.OnePage;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.script.ViewModelThread;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;

final class ChatViewModelTest {
    private static final Path FOLDER = Path.of("models", "starter");

    private final ViewModelThread thread = new ViewModelThread();
    private final ScriptedModel script = new ScriptedModel(FOLDER);
    private final MemoryArchive archive = new MemoryArchive(Clock.systemUTC());
    private HelpLookup help = HelpLookup.none();
    private Path toOpen = FOLDER;
    private Library library;
    private RunningModel running;
    private ChatViewModel chat;

    @BeforeEach
    void build() {
        chat = thread.call(() -> {
            library = new Library(archive, thread.background(), Clock.systemUTC(), failure -> {
                throw new IllegalStateException(failure);
            });
            running = new RunningModel(script, () -> CacheChoice.AUTOMATIC, thread.background(), thread.frames());
            Answering answering = new Answering(
                    library,
                    running,
                    thread.background(),
                    thread.frames(),
                    new HelpLookup() {
                        @Override
                        public Optional<Found> find(String question) throws java.io.IOException {
                            return help.find(question);
                        }

                        @Override
                        public Optional<String> read(HelpPage page) throws java.io.IOException {
                            return help.read(page);
                        }
                    },
                    new Answering.Models(_ -> "Starter", Optional.of(FOLDER), () -> running.open(toOpen)));
            return new ChatViewModel(library, running, answering, new PictureAnswers(library, new NoPictures()));
        });
    }

    @AfterEach
    void close() {
        thread.close();
    }

    private void ask(String question) {
        thread.run(() -> chat.ask(question));
    }

    private List<Message> said() {
        return thread.call(() -> List.copyOf(assertNotNullConversation().messages()));
    }

    private Conversation assertNotNullConversation() {
        Conversation here = chat.conversationProperty().get();
        assertNotNull(here);
        return here;
    }

    private void awaitAnswer() {
        thread.await("the end of the answer", () -> {
            Conversation here = chat.conversationProperty().get();
            return here != null
                    && !here.messages().isEmpty()
                    && here.messages().getLast().author() == Message.Author.MODEL
                    && here.messages().getLast().end() != Message.End.RUNNING;
        });
    }

    @Test
    void questionOpensTheModelAndIsAnswered() {
        ask("What is Atelier?");
        awaitAnswer();
        List<Message> said = said();
        assertEquals("What is Atelier?", said.getFirst().text());
        assertEquals("Hello there.", said.getLast().text());
        assertEquals(Message.End.COMPLETE, said.getLast().end());
        assertEquals("What is Atelier?", thread.call(() -> chat.titleProperty().get()));
        assertTrue(thread.call(() -> chat.stateProperty().get() instanceof ChatState.Ready));
        assertEquals(4096, thread.call(() -> chat.contextUse().orElseThrow().limit()));
    }

    @Test
    void blankDraftIsNotSent() {
        thread.run(() -> {
            chat.draftProperty().set("  \n ");
            chat.send();
        });
        assertNull(thread.call(() -> chat.conversationProperty().get()));
        assertTrue(thread.call(() -> library.conversations().isEmpty()));
    }

    @Test
    void stopKeepsWhatIsWritten() {
        script.endless = true;
        ask("Count");
        thread.await("the first words", () -> {
            Conversation here = chat.conversationProperty().get();
            return here != null && here.messages().getLast().text().length() > 40;
        });
        thread.run(chat::stop);
        awaitAnswer();
        assertEquals(Message.End.STOPPED, said().getLast().end());
        assertTrue(said().getLast().text().startsWith("Hello there.Hello there."));
    }

    @Test
    void secondQuestionTellsTheModelWhatWasSaid() throws InterruptedException {
        ask("One");
        awaitAnswer();
        script.asked.take();
        ask("Two");
        Question second = script.asked.take();
        assertEquals(
                List.of("One", "Hello there.", "Two"),
                second.turns().stream().map(Question.Turn::text).toList());
    }

    @Test
    void editedMessageReplacesWhatFollowed() {
        ask("One");
        awaitAnswer();
        thread.run(chat::editLast);
        assertEquals("One", thread.call(() -> chat.draftProperty().get()));
        thread.run(() -> {
            chat.draftProperty().set("Other");
            chat.send();
        });
        awaitAnswer();
        assertEquals(
                List.of("Other", "Hello there."),
                said().stream().map(Message::text).toList());
    }

    @Test
    void answerAgainReplacesTheAnswerOnly() {
        ask("One");
        awaitAnswer();
        script.says("Another", " answer");
        thread.run(chat::answerAgain);
        thread.await("the new answer", () -> said0().endsWith("answer"));
        assertEquals(
                List.of("One", "Another answer"),
                said().stream().map(Message::text).toList());
    }

    private String said0() {
        return assertNotNullConversation().messages().getLast().text();
    }

    @Test
    void refusedFolderIsSaidWithItsReason() {
        toOpen = Path.of("models", "empty");
        ask("One");
        thread.await("the refusal", () -> chat.stateProperty().get() instanceof ChatState.Failed);
        ChatState.Failed failed =
                (ChatState.Failed) thread.call(() -> chat.stateProperty().get());
        assertEquals(
                EngineException.Reason.MODEL_FOLDER_INCOMPLETE, failed.cause().reason());
        assertEquals(Optional.of(toOpen), failed.folder());
        toOpen = FOLDER;
        thread.run(chat::answerAgain);
        awaitAnswer();
        assertEquals("Hello there.", said().getLast().text());
    }

    @Test
    void helpPageGoesIntoThePromptAndUnderTheAnswer() throws InterruptedException {
        help = new OnePage("models", "Getting models");
        ask("Where are models?");
        awaitAnswer();
        Question asked = script.asked.take();
        assertEquals(Question.Role.SYSTEM, asked.turns().getFirst().role());
        assertEquals(
                "Answer from this page: Where are models?",
                asked.turns().getFirst().text());
        assertEquals("Getting models", said().getLast().source().orElseThrow().title());
    }

    @Test
    void settingsAreKeptWithTheConversation() throws InterruptedException {
        thread.run(() -> chat.settingsProperty()
                .set(ChatSettings.usual().withSystemPrompt("Be brief.").withSeed(OptionalLong.of(7))));
        ask("One");
        awaitAnswer();
        assertEquals("Be brief.", script.asked.take().turns().getFirst().text());
        Conversation first = thread.call(this::assertNotNullConversation);
        thread.run(chat::startNew);
        assertEquals("", thread.call(() -> chat.settingsProperty().get().systemPrompt()));
        thread.run(() -> chat.open(first));
        assertEquals(
                OptionalLong.of(7),
                thread.call(() -> chat.settingsProperty().get().sampling().seed()));
    }

    @Test
    void draftsBelongToTheirConversations() {
        ask("One");
        awaitAnswer();
        Conversation first = thread.call(this::assertNotNullConversation);
        thread.run(() -> chat.draftProperty().set("half a thought"));
        thread.run(chat::startNew);
        assertEquals("", thread.call(() -> chat.draftProperty().get()));
        thread.run(() -> chat.open(first));
        assertEquals("half a thought", thread.call(() -> chat.draftProperty().get()));
    }

    @Test
    void unloadedModelLeavesTheConversation() {
        ask("One");
        awaitAnswer();
        thread.run(running::unload);
        assertTrue(thread.call(() -> chat.stateProperty().get() instanceof ChatState.NoModel));
        assertTrue(thread.call(() -> running.stateProperty().get() instanceof ModelState.None));
        ask("Two");
        thread.await(
                "the second answer",
                () -> assertNotNullConversation().messages().size() == 4
                        && assertNotNullConversation().messages().getLast().end() == Message.End.COMPLETE);
    }
}
