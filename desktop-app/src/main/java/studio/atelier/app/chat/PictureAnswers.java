package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleObjectProperty;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Library;
import studio.atelier.app.library.Message;
import studio.atelier.app.running.PictureTalk;
import studio.atelier.engine.EngineException;

/**
 * Has what is said to a model of pictures answered: a picture is drawn, changed, or talked about. Belongs to the FX
 * thread.
 */
public final class PictureAnswers {
    private final Library library;
    private final PictureTalk pictures;
    private final ObjectProperty<Optional<String>> attached = new SimpleObjectProperty<>(Optional.empty());
    private final BooleanProperty draws = new SimpleBooleanProperty(false);
    private final Map<Conversation, Running> running = new HashMap<>();
    private Consumer<Conversation> changed = _ -> {};

    /** One answer on its way. */
    private static final class Running {
        private final long startedNanos = System.nanoTime();
        private Message message;
        private double done;
        private Runnable stop = () -> {};

        Running(Message message) {
            this.message = message;
        }
    }

    public PictureAnswers(Library library, PictureTalk pictures) {
        this.library = library;
        this.pictures = pictures;
    }

    /** The picture that goes with the next message, by its name in the folder of pictures. */
    ObjectProperty<Optional<String>> attachedProperty() {
        return attached;
    }

    /** Whether the next message goes to the model of pictures. */
    BooleanProperty drawsProperty() {
        return draws;
    }

    Path fileOf(String name) {
        return pictures.fileOf(name);
    }

    /** Takes a person's file in for the next message. */
    void attach(Path file, Consumer<Exception> failed) {
        pictures.bring(
                file,
                name -> {
                    attached.set(Optional.of(name));
                    draws.set(true);
                },
                failed);
    }

    void whenChanged(Consumer<Conversation> told) {
        changed = told;
    }

    Optional<ChatState> stateOf(Conversation conversation) {
        return Optional.ofNullable(running.get(conversation))
                .map(answer -> new ChatState.Drawing(answer.done, answer.startedNanos));
    }

    void stop(Conversation conversation) {
        Optional.ofNullable(running.get(conversation)).ifPresent(answer -> answer.stop.run());
    }

    /** Ends what runs where it is: the program ends. */
    public void endAll() {
        List.copyOf(running.keySet()).forEach(conversation -> end(conversation, Message.End.STOPPED));
    }

    /** Answers the last message of a conversation. */
    void answer(Conversation conversation, Consumer<EngineException> failed) {
        List<Message> said = List.copyOf(conversation.messages());
        Optional<String> meant = said.reversed().stream()
                .flatMap(message -> message.picture().stream())
                .findFirst();
        Running answer = new Running(Message.begun(library.newKey()));
        library.add(conversation, answer.message);
        running.put(conversation, answer);
        answer.stop = pictures.answer(said.getLast().text(), meant, told -> {
            if (running.get(conversation) != answer) {
                return;
            }
            switch (told) {
                case PictureTalk.Told.Progress(double done) -> answer.done = done;
                case PictureTalk.Told.Said(String piece) -> {
                    answer.message = answer.message.written(answer.message.text() + piece, "");
                    library.show(conversation, answer.message);
                }
                case PictureTalk.Told.Drawn(String file, boolean whole) -> {
                    answer.message = answer.message.with(file);
                    end(conversation, whole ? Message.End.COMPLETE : Message.End.STOPPED);
                }
                case PictureTalk.Told.Ended(boolean stopped) ->
                    end(conversation, stopped ? Message.End.STOPPED : Message.End.COMPLETE);
                case PictureTalk.Told.Failed(EngineException cause) -> {
                    end(conversation, Message.End.STOPPED);
                    failed.accept(cause);
                }
            }
            changed.accept(conversation);
        });
    }

    private void end(Conversation conversation, Message.End reason) {
        Running answer = running.remove(conversation);
        if (answer != null) {
            library.keep(conversation, answer.message.ended(reason, Optional.empty()));
        }
    }
}
