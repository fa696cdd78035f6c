package studio.atelier.app.page;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import studio.atelier.app.library.Message;

/**
 * A message as the page shows it.
 *
 * @param message what was said; its key tells it from all others
 * @param note one quiet line below it, such as "Your question is answered as soon as the model is loaded."; may be empty
 * @param actions what the person can do with it now; the page offers nothing else
 * @param picture the file of the picture that belongs to it
 */
public record PageMessage(Message message, String note, Set<Action> actions, Optional<Path> picture) {
    /** A message without a picture. */
    public PageMessage(Message message, String note, Set<Action> actions) {
        this(message, note, actions, Optional.empty());
    }

    /** What can be done with a message. */
    public enum Action {
        COPY("copy"),
        EDIT("edit"),
        ANSWER_AGAIN("answer-again"),
        DELETE("delete");

        private final String pageName;

        Action(String pageName) {
            this.pageName = pageName;
        }

        /** What the page calls it: its icon and the event that comes back. */
        String pageName() {
            return pageName;
        }
    }

    public PageMessage {
        actions = Set.copyOf(actions);
    }

    long key() {
        return message.key();
    }

    boolean isFromPerson() {
        return message.author() == Message.Author.PERSON;
    }

    /** Whether more of it will come. */
    boolean isOpen() {
        return message.author() == Message.Author.MODEL && message.end() == Message.End.RUNNING;
    }
}
