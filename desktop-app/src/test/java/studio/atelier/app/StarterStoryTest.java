package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Clock;
import javafx.scene.control.Button;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.ChatState;
import studio.atelier.app.store.ConversationStore;
import studio.atelier.engine.Statistics;

/** The first minute of a new person: nothing is installed, and the model that comes with the program answers. */
final class StarterStoryTest {
    @TempDir
    Path folder;

    @Test
    void includedModelAnswersInBothLanguagesFromTheHelpPages() throws Exception {
        Clock clock = Clock.systemDefaultZone();
        try (ConversationStore store = ConversationStore.open(folder, clock);
                TestWindow window = TestWindow.open(new Parts(
                        folder,
                        store,
                        new EngineOpener(folder),
                        new HelpFinder(),
                        EngineOpener.included(folder),
                        clock))) {
            TestWindow.await(
                    "the model", () -> window.wiring.chat.stateProperty().get() instanceof ChatState.Ready);
            Button prompt = window.find(".prompt-chip");
            window.run(prompt::fire);
            window.awaitPage("the answer", "document.querySelectorAll('.answer:not(.open)').length === 1");
            assertTrue(answer(window).length() > 20, answer(window));
            Statistics first = statistics(window);
            assertTrue(first.promptTokens() > 0 && first.generatedTokens() > 0 && first.decodeTokensPerSecond() > 0);

            window.run(() -> window.wiring.chat.ask("量化是什么意思？"));
            window.awaitPage("the second answer", "document.querySelectorAll('.answer:not(.open)').length === 2");
            assertTrue(answer(window).codePoints().anyMatch(letter -> letter > 0x4e00), answer(window));
            assertFalse(window.page("[...document.querySelectorAll('.source')].pop().textContent")
                    .isBlank());
            window.page("[...document.querySelectorAll('.source')].pop().click()");
            TestWindow.await("the help page", () -> window.stage.getScene().lookup("#help-page") != null);
            assertEquals(0, Integer.parseInt(window.page("document.querySelectorAll('.open').length")));
        }
    }

    private static String answer(TestWindow window) {
        return window.page("[...document.querySelectorAll('.answer > .said')].pop().textContent");
    }

    private static Statistics statistics(TestWindow window) {
        return TestWindow.onWindowThread(
                () -> window.wiring.chat.lastStatistics().orElseThrow());
    }
}
