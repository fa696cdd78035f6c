package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.glass.ui.Application;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.text.Text;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.library.ChatFile;
import studio.atelier.app.library.Message;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.shell.Action;
import studio.atelier.app.updates.UpdateState;

/** Links, files and newer versions in the real window. */
final class ArrivalsTest {
    @TempDir
    private Path folder;

    private TestWindow open() {
        return TestWindow.open(
                folder,
                new MemoryArchive(Clock.systemDefaultZone()),
                new ScriptedModel(folder.resolve("starter")),
                Clock.systemDefaultZone());
    }

    @Test
    void exportedChatComesBackAsAConversation() throws Exception {
        Path file = folder.resolve("sums.atelier-chat");
        Message answer = Message.begun(0).written("4", "").ended(Message.End.COMPLETE, Optional.empty());
        new ChatFile("Sums", List.of(Message.fromPerson(0, "2 + 2"), answer)).write(file);
        try (TestWindow window = open()) {
            window.run(() ->
                    window.main.arrive(List.of(OpenRequest.of(file.toString()).orElseThrow())));
            TestWindow.await(
                    "the conversation",
                    () -> window.wiring.chat.conversationProperty().get() != null);
            assertEquals("Sums", window.conversation().titleProperty().get());
            window.awaitAnswer("4");
        }
    }

    @Test
    void filesOfApplesEventsArriveAndJavaFxKeepsHearingTheOthers() throws Exception {
        Path file = folder.resolve("tens.atelier-chat");
        new ChatFile("Tens", List.of(Message.fromPerson(0, "10 + 10"))).write(file);
        try (TestWindow window = open()) {
            Application glass = Application.GetApplication();
            Application.EventHandler before = glass.getEventHandler();
            List<String> heard = new ArrayList<>();
            try {
                window.run(() -> glass.setEventHandler(new Application.EventHandler() {
                    @Override
                    public void handleQuitAction(Application application, long nanos) {
                        heard.add("quit " + nanos);
                    }

                    @Override
                    public void handlePreferencesChanged(Map<String, Object> preferences) {
                        heard.add("preferences " + preferences);
                    }
                }));
                window.run(() ->
                        AppleEvents.listenForFiles(texts -> window.main.arrive(AtelierApplication.requests(texts))));
                window.run(() -> {
                    Application.EventHandler handler = glass.getEventHandler();
                    handler.handleQuitAction(glass, 7);
                    handler.handlePreferencesChanged(Map.of("color", "dark"));
                    handler.handleOpenFilesAction(glass, 8, new String[] {file.toString(), "/no/command"});
                });
                TestWindow.await(
                        "the conversation",
                        () -> window.wiring.chat.conversationProperty().get() != null);
                assertEquals("Tens", window.conversation().titleProperty().get());
                assertEquals(List.of("quit 7", "preferences {color=dark}"), heard);
            } finally {
                window.run(() -> glass.setEventHandler(before));
            }
        }
    }

    @Test
    void linkShowsTheModelsAndAnUnknownOneIsSaid() {
        try (TestWindow window = open()) {
            window.run(() -> window.main.arrive(List.of(new OpenRequest.Unknown("atelier://nothing"))));
            assertTrue(says(window, "atelier://nothing"));
            window.run(() -> window.main.arrive(List.of(new OpenRequest.ModelFile(folder.resolve("gone.gguf")))));
            TestWindow.await("the refusal", () -> lookup(window, "There is no file"));
        }
    }

    private static boolean says(TestWindow window, String text) {
        return TestWindow.onWindowThread(() -> lookup(window, text));
    }

    private static boolean lookup(TestWindow window, String text) {
        return window.stage.getScene().getRoot().lookupAll(".notice .label").stream()
                .anyMatch(node -> node instanceof Label label && label.getText().contains(text));
    }

    @Test
    void newerVersionIsShownAndCanBeSkipped() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"version\":\"99.0\",\"notes\":\"Draws faster.\",\"page\":\"https://example.org/\"}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try (TestWindow window = open()) {
            window.run(() -> window.main.act(Action.SETTINGS));
            TextField address = window.find("#updates-address");
            TestWindow.await("room for the whole hint", () -> hintWidth(address) + 16 <= address.getWidth());
            window.run(() ->
                    address.setText("http://localhost:" + server.getAddress().getPort() + "/v"));
            window.run(window.<javafx.scene.control.Button>find("#updates-now")::fire);
            TestWindow.await("the sheet", () -> window.stage.getScene().lookup("#release") != null);
            assertTrue(window.wiring.updates.stateProperty().get() instanceof UpdateState.Newer);
            window.run(window.<javafx.scene.control.Button>find("#release-skip")::fire);
            assertEquals(
                    Optional.of("99.0"),
                    window.wiring.settings.settings().updates().skipped());
        } finally {
            server.stop(0);
        }
    }

    private static double hintWidth(TextField field) {
        Text hint = new Text(field.getPromptText());
        hint.setFont(field.getFont());
        return hint.getLayoutBounds().getWidth();
    }
}
