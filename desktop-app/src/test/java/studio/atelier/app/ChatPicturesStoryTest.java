package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javafx.scene.control.Button;
import javafx.scene.control.TextArea;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.Message;
import studio.atelier.app.script.Blobs;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.script.TinyJanus;
import studio.atelier.app.store.ConversationStore;
import studio.atelier.engine.image.Picture;
import studio.atelier.engine.image.PictureFile;

/** Pictures in a conversation: drawn, changed in the next message, brought, asked about; measured in their files. */
final class ChatPicturesStoryTest {
    private static final int RED = 0xE03131;
    private static final int ORANGE = 0xFF8800;

    @TempDir
    Path folder;

    private ConversationStore store;
    private TestWindow window;
    private Path janus;

    @BeforeEach
    void open() throws IOException {
        Path data = folder.resolve("data");
        store = ConversationStore.open(data, Clock.systemUTC());
        ScriptedModel model = new ScriptedModel(folder.resolve("chat"));
        janus = TinyJanus.layOut(folder.resolve("janus"));
        window = TestWindow.open(new Parts(
                data,
                store,
                model,
                HelpLookup.none(),
                Optional.of(model.info.folder()),
                new PictureModelFolders(data, List::of),
                Clock.systemUTC()));
    }

    @AfterEach
    void close() throws IOException {
        window.close();
        store.close();
    }

    private void send(String words) {
        TextArea composer = window.find("#composer");
        window.run(() -> {
            composer.requestFocus();
            composer.setText(words);
        });
        window.keys.push(KeyCode.ENTER);
    }

    /** The last message when it is an answer that has ended. */
    private Message answer(int messages) {
        TestWindow.await("message " + messages, () -> {
            List<Message> said = said();
            return said.size() == messages && said.getLast().end() != Message.End.RUNNING;
        });
        return TestWindow.onWindowThread(() -> said().getLast());
    }

    private List<Message> said() {
        return window.wiring.chat.conversationProperty().get() == null
                ? List.of()
                : window.conversation().messages();
    }

    private Picture pictureOf(Message message) throws Exception {
        Path file = folder.resolve("data/pictures").resolve(message.picture().orElseThrow());
        return PictureFile.read(file).picture();
    }

    @Test
    void pictureIsDrawnAndChangedInTheNextMessage() throws Exception {
        window.run(window.<Button>find("#answer-with-picture")::fire);
        send("three red hearts and a blue star on transparent background");
        Picture first = pictureOf(answer(2));
        assertEquals(3, Blobs.of(first, RED));
        send("make the star #ff8800");
        Picture second = pictureOf(answer(4));
        assertEquals(3, Blobs.of(second, RED));
        assertEquals(1, Blobs.of(second, ORANGE));
        send("remove one heart");
        Picture third = pictureOf(answer(6));
        assertEquals(2, Blobs.of(third, RED));
        assertEquals(0, third.argb(0, 0) >>> 24);
        assertEquals(
                3,
                TestWindow.onWindowThread(
                        () -> window.wiring.images.gallery().all().size()));

        send("a photo of my grandmother");
        Message refused = answer(8);
        assertTrue(refused.picture().isEmpty());
        assertEquals("a photo of my grandmother", said().get(6).text(), "what was asked stays");
        send("make the star #123456");
        assertEquals(1, Blobs.of(pictureOf(answer(10)), 0x123456), "the picture before is still the one that is meant");

        window.run(window.<Button>find("#answer-with-picture")::fire);
        send("thank you");
        assertEquals("Hello there.", answer(12).text(), "the chat model answers again");
    }

    @Test
    void broughtPictureIsAskedAbout() throws Exception {
        window.run(() -> window.wiring.images.models().chooseFolder(janus));
        Path brought = folder.resolve("mine.png");
        Files.copy(Path.of("..", "engine/src/test/resources/golden/image/janus-tiny/decoded_arange.png"), brought);
        window.run(() -> window.wiring.chat.attach(brought));
        Button draws = window.find("#answer-with-picture");
        TestWindow.await("the attached picture", () -> draws.getStyleClass().contains("on"));
        send("What is this?");
        Message answer = answer(2);
        assertTrue(answer.picture().isEmpty(), "a question is answered in words");
        assertTrue(said().getFirst().picture().isPresent());

        Path broken = folder.resolve("broken.png");
        Files.write(broken, java.util.Arrays.copyOf(Files.readAllBytes(brought), 900));
        window.run(() -> window.wiring.chat.attach(broken));
        TestWindow.await(
                "a sentence",
                () -> window.wiring.chat.stateProperty().get().toString().contains("broken.png"));
        assertFalse(said().isEmpty());
    }
}
