package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Library;
import studio.atelier.app.library.Message;
import studio.atelier.app.running.ModelState;
import studio.atelier.app.running.RunningModel;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.ModelInfo;
import studio.atelier.engine.Statistics;

/**
 * The conversation on the screen: what is said in it, what it is doing, and what the person is writing. Answers of other
 * conversations go on while this one is looked at. Belongs to the FX thread.
 */
public final class ChatViewModel {
    private static final int TITLE_CHARACTERS = 48;

    private final Library library;
    private final RunningModel running;
    private final Answering answering;
    private final PictureAnswers pictures;
    private final ReadOnlyObjectWrapper<@Nullable Conversation> conversation = new ReadOnlyObjectWrapper<>(null);
    private final ReadOnlyObjectWrapper<ChatState> state = new ReadOnlyObjectWrapper<>(new ChatState.NoModel());
    private final ReadOnlyStringWrapper title = new ReadOnlyStringWrapper("");
    private final StringProperty draft = new SimpleStringProperty("");
    private final ReadOnlyObjectWrapper<Optional<Message>> editing = new ReadOnlyObjectWrapper<>(Optional.empty());
    private final ObjectProperty<ChatSettings> settings = new SimpleObjectProperty<>(ChatSettings.usual());
    private final Map<Conversation, EngineException> failures = new HashMap<>();
    private final Map<Conversation, Statistics> lastFigures = new HashMap<>();
    private final ChatSettingsText settingsText = new ChatSettingsText();
    private ChatSettings newChatSettings = ChatSettings.usual();
    private String newChatDraft = "";
    private boolean switching;

    public ChatViewModel(Library library, RunningModel running, Answering answering, PictureAnswers pictures) {
        this.library = library;
        this.running = running;
        this.answering = answering;
        this.pictures = pictures;
        pictures.whenChanged(its -> {
            if (its == conversation.get()) {
                refresh();
            }
        });
        answering.whenChanged(this::answerChanged);
        running.stateProperty().subscribe(this::modelChanged);
        draft.addListener((_, _, text) -> keepDraft(text));
        settings.addListener((_, _, chosen) -> keepSettings(chosen));
    }

    public ReadOnlyObjectProperty<ChatState> stateProperty() {
        return state.getReadOnlyProperty();
    }

    /** The conversation on the screen; null before the first message of a new one. */
    public ReadOnlyObjectProperty<@Nullable Conversation> conversationProperty() {
        return conversation.getReadOnlyProperty();
    }

    /** Its title; empty before its first message. */
    public ReadOnlyStringProperty titleProperty() {
        return title.getReadOnlyProperty();
    }

    /** What the person is writing; kept for each conversation. */
    public StringProperty draftProperty() {
        return draft;
    }

    /** How this conversation is answered. */
    public ObjectProperty<ChatSettings> settingsProperty() {
        return settings;
    }

    /** The message that the draft will replace. */
    public ReadOnlyObjectProperty<Optional<Message>> editingProperty() {
        return editing.getReadOnlyProperty();
    }

    public boolean isEditing() {
        return editing.get().isPresent();
    }

    /** What new conversations start with. */
    public void useForNewChats(ChatSettings chosen) {
        newChatSettings = chosen;
        if (conversation.get() == null) {
            settings.set(chosen);
        }
    }

    /** Shows an empty conversation; it is written down with its first message. */
    public void startNew() {
        turnTo(null, newChatDraft, newChatSettings);
    }

    /** Shows a conversation. */
    public void open(Conversation chosen) {
        if (chosen == conversation.get()) {
            return;
        }
        turnTo(chosen, chosen.draft(), settingsText.read(chosen.settings(), newChatSettings));
        library.read(chosen, this::refresh);
    }

    private void turnTo(@Nullable Conversation chosen, String text, ChatSettings chosenSettings) {
        switching = true;
        title.unbind();
        editing.set(Optional.empty());
        conversation.set(chosen);
        draft.set(text);
        settings.set(chosenSettings);
        if (chosen == null) {
            title.set("");
        } else {
            title.bind(chosen.titleProperty());
        }
        switching = false;
        refresh();
    }

    /** Asks this without it having been typed. */
    public void ask(String question) {
        draft.set(question);
        send();
    }

    /** Sends the draft, or replaces the message that is being edited with it; nothing happens while an answer runs. */
    public void send() {
        String text = draft.get().strip();
        if (text.isEmpty() || state.get().answers()) {
            return;
        }
        Conversation here = conversation.get();
        if (here == null) {
            newChatDraft = "";
            here = library.begin(titleFrom(text));
            library.saveSettings(here, settingsText.write(settings.get()));
            turnTo(here, text, settings.get());
        }
        Conversation target = here;
        editing.get().ifPresent(message -> library.setAside(target, message));
        editing.set(Optional.empty());
        Message said = Message.fromPerson(library.newKey(), text);
        library.add(target, pictures.attachedProperty().get().map(said::with).orElse(said));
        draft.set("");
        pictures.attachedProperty().set(Optional.empty());
        if (pictures.drawsProperty().get()) {
            answerWithPicture(target);
        } else {
            answer(target);
        }
    }

    /** Ends the running answer; what is written stays. */
    public void stop() {
        Conversation here = conversation.get();
        if (here != null) {
            answering.stop(here);
            pictures.stop(here);
        }
    }

    /** Puts the last message of the person back into the composer; sending replaces it. */
    public void editLast() {
        Conversation here = conversation.get();
        if (here == null || state.get().answers()) {
            return;
        }
        here.messages().reversed().stream()
                .filter(message -> message.author() == Message.Author.PERSON)
                .findFirst()
                .ifPresent(message -> {
                    draft.set(message.text());
                    editing.set(Optional.of(message));
                });
    }

    /** Leaves the last message as it is. */
    public void stopEditing() {
        editing.set(Optional.empty());
        draft.set("");
    }

    /**
     * Messages taken out of a conversation.
     *
     * @param remaining how many were left
     */
    public record Deleted(Conversation conversation, List<Message> messages, int remaining) {}

    /** Takes a message and what follows it out; nothing happens while an answer runs. */
    public Optional<Deleted> delete(long key) {
        Conversation here = conversation.get();
        if (here == null || state.get().answers()) {
            return Optional.empty();
        }
        List<Message> said = List.copyOf(here.messages());
        for (int i = 0; i < said.size(); i++) {
            if (said.get(i).key() == key) {
                stopEditingIfGone(said.subList(i, said.size()));
                library.setAside(here, said.get(i));
                refresh();
                return Optional.of(new Deleted(here, said.subList(i, said.size()), i));
            }
        }
        return Optional.empty();
    }

    private void stopEditingIfGone(List<Message> gone) {
        if (editing.get().filter(gone::contains).isPresent()) {
            stopEditing();
        }
    }

    /** Puts deleted messages back; false when the conversation has gone on in the meantime. */
    public boolean bringBack(Deleted deleted) {
        Conversation its = deleted.conversation();
        if (its.messages().size() != deleted.remaining()
                || answering.stateOf(its).isPresent()) {
            return false;
        }
        deleted.messages().forEach(message -> library.add(its, message));
        open(its);
        refresh();
        return true;
    }

    /** Answers the last question again; the answer before is kept as an earlier version. */
    public void answerAgain() {
        Conversation here = conversation.get();
        if (here == null || here.messages().isEmpty() || state.get().answers()) {
            return;
        }
        Message last = here.messages().getLast();
        if (last.author() == Message.Author.MODEL) {
            library.setAside(here, last);
        }
        if (last.author() == Message.Author.MODEL && last.picture().isPresent()) {
            answerWithPicture(here);
        } else {
            answer(here);
        }
    }

    /** Pictures in conversations: what goes with the next message, and whether it is to be drawn. */
    PictureAnswers pictures() {
        return pictures;
    }

    /** Takes a person's picture in for the next message. */
    public void attach(Path file) {
        pictures.attach(file, failure -> {
            Conversation here = conversation.get();
            EngineException said = new EngineException(
                    EngineException.Reason.REQUEST_UNSUPPORTED, String.valueOf(failure.getMessage()), failure);
            if (here == null) {
                state.set(new ChatState.Failed(said, Optional.empty()));
            } else {
                failures.put(here, said);
                refresh();
            }
        });
    }

    private void answerWithPicture(Conversation target) {
        failures.remove(target);
        pictures.answer(target, cause -> failures.put(target, cause));
        refresh();
    }

    /** The text of the last answer. */
    public Optional<String> lastAnswer() {
        Conversation here = conversation.get();
        return here == null
                ? Optional.empty()
                : here.messages().reversed().stream()
                        .filter(message -> message.author() == Message.Author.MODEL)
                        .findFirst()
                        .map(Message::text);
    }

    /** Forgets what went wrong here, so that the person can go on. */
    public void dismissFailure() {
        Conversation here = conversation.get();
        if (here != null) {
            failures.remove(here);
        }
        refresh();
    }

    /** The open model. */
    public Optional<ModelInfo> model() {
        return running.stateProperty().get() instanceof ModelState.Open open
                ? Optional.of(open.info())
                : Optional.empty();
    }

    /** A model's name as the picker shows it. */
    public String nameOf(ModelInfo info) {
        return answering.nameOf(info.folder());
    }

    /** Whether the open model answers from the help pages. */
    public boolean knowsHelp() {
        return model().map(info -> answering.answersFromHelp(info.folder())).orElse(false);
    }

    /** The figures of the answer that runs or ran last here, since the program started. */
    public Optional<Statistics> lastStatistics() {
        Conversation here = conversation.get();
        return here == null ? Optional.empty() : Optional.ofNullable(lastFigures.get(here));
    }

    /** How full the model's memory of this conversation is; empty until it has answered here. */
    public Optional<ContextUse> contextUse() {
        return lastStatistics().map(last -> new ContextUse(last.contextTokens(), last.contextLimit()));
    }

    /** Where questions to begin with are looked up: those that the open model can answer. */
    public List<String> promptKeys() {
        String kind = knowsHelp() || model().isEmpty() ? "help" : "any";
        return List.of(1, 2, 3, 4).stream()
                .map(number -> "prompt." + kind + "." + number)
                .toList();
    }

    private void answer(Conversation target) {
        failures.remove(target);
        answering.answer(target, settings.get());
        refresh();
    }

    private void answerChanged(Answer answer) {
        Conversation its = answer.conversation();
        answer.statistics().ifPresent(figures -> lastFigures.put(its, figures));
        answer.failure().ifPresent(cause -> failures.put(its, cause));
        if (its == conversation.get()) {
            refresh();
        }
    }

    private void modelChanged(ModelState changed) {
        if (changed instanceof ModelState.Open) {
            failures.clear();
        }
        refresh();
    }

    private void refresh() {
        Conversation here = conversation.get();
        Optional<ChatState> running =
                here == null ? Optional.empty() : answering.stateOf(here).or(() -> pictures.stateOf(here));
        state.set(running.orElseGet(() -> {
            EngineException failure = here == null ? null : failures.get(here);
            return failure == null ? stateOfModel() : new ChatState.Failed(failure, Optional.<Path>empty());
        }));
    }

    private ChatState stateOfModel() {
        return switch (running.stateProperty().get()) {
            case ModelState.None _ -> new ChatState.NoModel();
            case ModelState.Loading loading ->
                new ChatState.Loading(answering.nameOf(loading.folder()), loading.progress(), loading.startedNanos());
            case ModelState.Open open -> new ChatState.Ready(open.info(), lastStatistics());
            case ModelState.Refused refused -> new ChatState.Failed(refused.cause(), Optional.of(refused.folder()));
        };
    }

    private void keepDraft(String text) {
        Conversation here = conversation.get();
        if (switching || isEditing()) {
            return;
        }
        if (here == null) {
            newChatDraft = text;
        } else {
            library.saveDraft(here, text);
        }
    }

    private void keepSettings(ChatSettings chosen) {
        Conversation here = conversation.get();
        if (!switching && here != null) {
            library.saveSettings(here, settingsText.write(chosen));
        }
    }

    private static String titleFrom(String question) {
        String line = question.lines().findFirst().orElse(question).strip();
        return line.codePointCount(0, line.length()) <= TITLE_CHARACTERS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, TITLE_CHARACTERS - 1))
                                .strip() + "…";
    }
}
