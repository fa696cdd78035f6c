package studio.atelier.app.chat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.collections.ListChangeListener;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.AccessibleRole;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.ErrorCard;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Message;
import studio.atelier.app.page.ChatPage;
import studio.atelier.engine.EngineException;

/** The column of one conversation: header, messages or what stands in their place, live figures, composer. */
public final class ChatView extends VBox {
    private static final double COLUMN_WIDTH = 744;

    /** What the chat asks of the parts of the window that it does not know. */
    public record Models(Runnable chooseFolder, Consumer<Path> open) {}

    private final ChatViewModel chat;
    private final Models models;
    private final Messages messages;
    private final StackPane middle = new StackPane();
    private final StackPane pageHolder = new StackPane();
    private final EmptyChat empty;
    private final StackPane failurePlace = new StackPane();
    private final StackPane storeFailurePlace = new StackPane();
    private final HBox editingNote = new HBox(8);
    private final Composer composer;
    private final ListChangeListener<Message> messagesChanged = _ -> showMessages();
    private @Nullable ChatPage page;
    private @Nullable Conversation shown;
    private Class<?> lastState = ChatState.NoModel.class;
    private Optional<EngineException> failure = Optional.empty();

    public ChatView(ChatViewModel chat, Node header, Models models, Messages messages) {
        this.chat = chat;
        this.models = models;
        this.messages = messages;
        empty = new EmptyChat(chat, messages);
        composer = new Composer(chat, messages);
        pageHolder.setId("messages");
        pageHolder.setAccessibleRole(AccessibleRole.TEXT);
        middle.getChildren().setAll(pageHolder, empty);
        VBox.setVgrow(middle, Priority.ALWAYS);
        middle.setMinHeight(0);
        fillEditingNote();
        VBox column = new VBox(storeFailurePlace, failurePlace, new StatsLine(chat, messages), editingNote, composer);
        column.setMaxWidth(COLUMN_WIDTH);
        HBox.setHgrow(column, Priority.ALWAYS);
        HBox area = new HBox(column);
        area.setAlignment(Pos.CENTER);
        area.getStyleClass().add("composer-area");
        getChildren().setAll(header, middle, area);
        chat.conversationProperty().subscribe(this::turnTo);
        chat.stateProperty().subscribe(this::showState);
        chat.editingProperty().subscribe(message -> {
            editingNote.setVisible(message.isPresent());
            editingNote.setManaged(message.isPresent());
        });
    }

    /** Gives the messages their page, which is made after the window's first frame. */
    public void setPage(ChatPage made) {
        page = made;
        pageHolder.getChildren().setAll(made.node());
        showMessages();
    }

    /** Puts the cursor into the composer. */
    public void focusComposer() {
        composer.focusText();
    }

    /** Gives the keyboard to the messages. */
    public void focusMessages() {
        if (page != null) {
            page.focus();
        }
    }

    /** Where the messages are. */
    public Node messagesNode() {
        return pageHolder;
    }

    /** Where the person writes. */
    public Node composerNode() {
        return composer;
    }

    /** Says that conversations can't be kept, and why; it stays until the program is started again. */
    public void showStoreFailure(String why, Path folder) {
        ErrorCard card = new ErrorCard(
                Feather.HARD_DRIVE,
                messages.text("failure.store"),
                messages.text("failure.store-text", why, folder.toString()),
                List.of());
        storeFailurePlace.getChildren().setAll(card);
    }

    /** Lets go of the conversation. */
    public void close() {
        page = null;
        turnTo(null);
    }

    private void turnTo(@Nullable Conversation chosen) {
        if (shown != null) {
            shown.messages().removeListener(messagesChanged);
        }
        shown = chosen;
        if (chosen != null) {
            chosen.messages().addListener(messagesChanged);
        }
        empty.setVisible(chosen == null);
        pageHolder.setVisible(chosen != null);
        showMessages();
        if (page != null) {
            page.showLatest();
        }
    }

    private void showMessages() {
        if (page != null) {
            page.show(
                    shown == null
                            ? List.of()
                            : PageContent.of(
                                    shown.messages(), chat.stateProperty().get(), messages, chat.pictures()::fileOf));
        }
    }

    private void showState(ChatState state) {
        showFailure(state);
        // What can be done with a message changes when an answer begins or ends.
        if (state.getClass() != lastState) {
            lastState = state.getClass();
            showMessages();
        }
    }

    private void showFailure(ChatState state) {
        if (!(state instanceof ChatState.Failed failed)) {
            failure = Optional.empty();
            failurePlace.getChildren().clear();
            return;
        }
        if (failure.filter(before -> before == failed.cause()).isPresent()) {
            return;
        }
        failure = Optional.of(failed.cause());
        ErrorCard card = new ErrorCard(
                Failures.icon(failed.cause()),
                Failures.title(failed.cause(), messages),
                Failures.text(failed.cause(), messages),
                remedies(failed));
        card.setId("failure");
        card.setMaxWidth(COLUMN_WIDTH);
        StackPane.setMargin(card, new Insets(8, 0, 8, 0));
        failurePlace.getChildren().setAll(card);
    }

    private List<Button> remedies(ChatState.Failed failed) {
        if (failed.folder().isPresent()) {
            Path folder = failed.folder().get();
            return List.of(
                    Buttons.bordered(
                            messages.text("failure.try-again"),
                            () -> models.open().accept(folder)),
                    Buttons.primary(messages.text("failure.open-folder"), models.chooseFolder()));
        }
        return failed.cause().reason() == EngineException.Reason.CONTEXT_TOO_LONG
                ? List.of(
                        Buttons.bordered(messages.text("failure.dismiss"), chat::dismissFailure),
                        Buttons.primary(messages.text("failure.new-chat"), chat::startNew))
                : List.of(
                        Buttons.bordered(messages.text("failure.dismiss"), chat::dismissFailure),
                        Buttons.primary(messages.text("failure.try-again"), chat::answerAgain));
    }

    private void fillEditingNote() {
        Label note = Labels.of(messages.text("composer.editing"), "muted", "small-text");
        editingNote
                .getChildren()
                .setAll(note, Labels.spacer(), Buttons.link(messages.text("composer.cancel-edit"), chat::stopEditing));
        editingNote.setAlignment(Pos.CENTER_LEFT);
        editingNote.setPadding(new Insets(0, 12, 4, 12));
    }
}
