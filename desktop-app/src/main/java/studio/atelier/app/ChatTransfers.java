package studio.atelier.app;

import java.io.File;
import java.util.function.Consumer;
import javafx.scene.Node;
import javafx.stage.FileChooser;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.library.ChatFile;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.shell.Notices;

/**
 * Conversations that go to files and come from them. Belongs to the FX thread; files are written beside it.
 *
 * @param window a part of the window that asks for names
 * @param arrivals opens what a person chose as if it had been double-clicked
 */
record ChatTransfers(Wiring wiring, Node window, Notices notices, Consumer<OpenRequest> arrivals, Messages messages) {
    /** Writes the conversation on the screen to a file that the person names. */
    void export() {
        Conversation here = wiring.chat.conversationProperty().get();
        if (here == null) {
            notices.say(messages.text("export.nothing"));
            return;
        }
        String title = here.titleProperty().get();
        FileChooser chooser = chooser();
        chooser.setInitialFileName(title.replaceAll("[^\\p{L}\\p{N}]+", " ").strip() + OpenRequest.CHAT_ENDING);
        File chosen = chooser.showSaveDialog(window.getScene().getWindow());
        if (chosen != null) {
            ChatFile file = new ChatFile(title, here.messages());
            wiring.background.atOnce(
                    () -> {
                        file.write(chosen.toPath());
                        return chosen;
                    },
                    written -> notices.say(messages.text("export.done", written.getName())),
                    failure -> notices.say(Wiring.wordsOf(failure)));
        }
    }

    /** Opens a file that the person chooses. */
    void open() {
        File chosen = chooser().showOpenDialog(window.getScene().getWindow());
        if (chosen != null) {
            arrivals.accept(new OpenRequest.ChatFile(chosen.toPath()));
        }
    }

    private FileChooser chooser() {
        FileChooser chooser = new FileChooser();
        chooser.getExtensionFilters()
                .setAll(new FileChooser.ExtensionFilter(messages.text("export.kind"), "*" + OpenRequest.CHAT_ENDING));
        return chooser;
    }
}
