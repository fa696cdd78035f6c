package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.store.ConversationStore;

final class KilledWindowTest {
    /** What is on the page is on the disk within a second; the child tells five times a second. */
    private static final int LINES_OF_TWO_SECONDS = 10;

    @Test
    void answerThatWasOnThePageIsThereAfterTheKill(@TempDir Path folder) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dglass.platform=Headless",
                        "-Dprism.order=sw",
                        "-Djava.awt.headless=true",
                        "-Djavafx.cachedir=" + System.getProperty("javafx.cachedir", "target/openjfx"),
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWindow.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int firstSeen = 0;
        int lines = 0;
        try (BufferedReader progress = process.inputReader()) {
            String line;
            while (lines < LINES_OF_TWO_SECONDS && (line = progress.readLine()) != null) {
                firstSeen = lines++ == 0 ? Integer.parseInt(line.strip()) : firstSeen;
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals(LINES_OF_TWO_SECONDS, lines, "the child ended early");

        ScriptedModel model = new ScriptedModel(folder.resolve("starter"));
        try (ConversationStore store = ConversationStore.open(folder, Clock.systemUTC());
                TestWindow window = TestWindow.open(folder, store, model, Clock.systemUTC())) {
            TestWindow.await(
                    "the list", () -> window.wiring.library.conversations().size() == 1);
            window.run(() -> window.wiring.sidebar.jumpTo(0));
            window.awaitPage("the answer", "document.querySelectorAll('.answer').length === 1");
            int kept = Integer.parseInt(window.page("document.querySelector('.answer .said').textContent.length"));
            assertTrue(kept >= firstSeen, "of " + firstSeen + " characters seen, " + kept + " were kept");
            assertEquals("Stopped", window.page("document.querySelector('.answer .notes').textContent"));
            window.run(() -> window.wiring.chat.ask("Go on."));
            window.awaitAnswer("Hello there.");
        }
    }
}
