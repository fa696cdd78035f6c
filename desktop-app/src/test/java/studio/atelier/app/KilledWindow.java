package studio.atelier.app;

import java.nio.file.Path;
import java.time.Clock;
import studio.atelier.app.script.ScriptedModel;
import studio.atelier.app.store.ConversationStore;

/** A window in which an answer is written without end, and which says how long it is on the page, until it is killed. */
final class KilledWindow {
    private KilledWindow() {}

    @SuppressWarnings({"InfiniteLoopStatement", "resource"})
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        ScriptedModel model = new ScriptedModel(folder.resolve("starter"));
        model.says("word ");
        model.endless = true;
        model.millisPerWord = 10;
        ConversationStore store = ConversationStore.open(folder, Clock.systemUTC());
        TestWindow window = TestWindow.open(folder, store, model, Clock.systemUTC());
        window.run(() -> window.wiring.chat.ask("Write until you are stopped."));
        window.awaitPage("the first words", "document.querySelector('.answer .said').textContent.length > 20");
        while (true) {
            System.out.println(window.page("document.querySelector('.answer .said').textContent.length"));
            TestWindow.sleep(200);
        }
    }
}
