package studio.atelier.app.chat;

import java.util.List;
import javafx.scene.Node;
import studio.atelier.app.library.HelpPage;
import studio.atelier.app.library.Message;

/** Draws the messages of one conversation. The chat sees the page through this; Wiring brings the page. */
public interface MessagePane {
    /** What a person can do with a message. */
    interface Commands {
        /** Puts text on the clipboard. */
        void copy(String text);

        /** Opens an address outside of the program. */
        void openLink(String address);

        /** Shows the help page that an answer was given from. */
        void openHelp(HelpPage page);

        /** Answers the last question again. */
        void answerAgain();

        /** Puts the last question back into the composer. */
        void editLast();
    }

    /** What stands in the scene. */
    Node node();

    /** Shows these messages; of those that were shown before only what changed is drawn again. */
    void show(List<Message> messages);

    /** Shows the newest message. */
    void scrollToEnd();
}
