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
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.ErrorCard;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Message;
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
    private final StackPane paneHolder = new StackPane();
    private final EmptyChat empty;
    private final StackPane failurePlace = new StackPane();
    private final HBox editingNote = new HBox(8);
    private final Composer composer;
    private final ListChangeListener<Message> messagesChanged = _ -> showMessages();
    private @Nullable MessagePane pane;
    private @Nullable Conversation shown;
    private Optional<EngineException> failure = Optional.empty();

    public ChatView(ChatViewModel chat, Node header, Models models, Messages messages) {
        this.chat = chat;
        this.models = models;
        this.messages = messages;
        empty = new EmptyChat(chat, messages);
        composer = new Composer(chat, messages);
        paneHolder.setId("messages");
        paneHolder.setAccessibleRole(AccessibleRole.TEXT);
        middle.getChildren().setAll(paneHolder, empty);
        VBox.setVgrow(middle, Priority.ALWAYS);
        middle.setMinHeight(0);
        fillEditingNote();
        VBox column = new VBox(failurePlace, new StatsLine(chat, messages), editingNote, composer);
        column.setMaxWidth(COLUMN_WIDTH);
        HBox.setHgrow(column, Priority.ALWAYS);
        HBox area = new HBox(column);
        area.setAlignment(Pos.CENTER);
        area.getStyleClass().add("composer-area");
        getChildren().setAll(header, middle, area);
        chat.conversationProperty().subscribe(this::turnTo);
        chat.stateProperty().subscribe(this::showFailure);
        chat.editingProperty().subscribe(message -> {
            editingNote.setVisible(message.isPresent());
            editingNote.setManaged(message.isPresent());
        });
    }

    /** Gives the messages their page, which is made after the window's first frame. */
    public void setPane(MessagePane made) {
        pane = made;
        paneHolder.getChildren().setAll(made.node());
        showMessages();
    }

    /** Puts the cursor into the composer. */
    public void focusComposer() {
        composer.focusText();
    }

    /** Gives the keyboard to the messages. */
    public void focusMessages() {
        if (pane != null) {
            pane.node().requestFocus();
        }
    }

    private void turnTo(@Nullable Conversation chosen) {
        if (shown != null) {
            shown.messages().removeListener(messagesChanged);
        }
        shown = chosen;
        if (chosen != null) {
            chosen.messages().addListener(messagesChanged);
        }
        showMessages();
        if (pane != null) {
            pane.scrollToEnd();
        }
    }

    private void showMessages() {
        List<Message> now = shown == null ? List.of() : List.copyOf(shown.messages());
        empty.setVisible(shown == null);
        paneHolder.setVisible(shown != null);
        if (pane != null) {
            pane.show(now);
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
