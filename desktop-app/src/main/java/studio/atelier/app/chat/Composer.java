package studio.atelier.app.chat;

import javafx.beans.binding.Bindings;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.Label;
import javafx.scene.control.TextArea;
import javafx.scene.control.Tooltip;
import javafx.scene.input.InputMethodEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Bar;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;

/** Where the person writes: one to eight lines, Return sends, Shift and Return break the line. */
final class Composer extends VBox {
    private static final double MOST_LINES = 8;
    private static final double LINES_PADDING = 4;
    /** What the text area keeps free beside its lines. */
    private static final double WRAP_MARGIN = 2;

    private final ChatViewModel chat;
    private final CompositionGuard composition = new CompositionGuard();
    private final TextArea text = new TextArea();
    private final Text measure = new Text();
    private final Button send = new Button();
    private final Button stop;
    private final Bar contextBar = new Bar(72, 4);
    private final Label context = Labels.of("", "muted", "small-text");
    private final Messages messages;
    private final Quantities quantities;

    Composer(ChatViewModel chat, Messages messages) {
        super(6);
        this.chat = chat;
        this.messages = messages;
        this.quantities = new Quantities(messages);
        getStyleClass().add("composer");
        stop = Buttons.bordered(messages.text("composer.stop"), chat::stop);
        writeInto();
        sendAndStop();
        HBox tools = new HBox(8, new PictureTools(chat, messages), Labels.spacer(), contextBar, context, send, stop);
        tools.setAlignment(Pos.CENTER_RIGHT);
        getChildren().setAll(text, tools);
        PictureTools.acceptDrops(this, chat);
        chat.stateProperty().subscribe(this::show);
    }

    /** Puts the cursor behind the text. */
    void focusText() {
        text.requestFocus();
        text.end();
    }

    private void writeInto() {
        text.setId("composer");
        text.setWrapText(true);
        text.setAccessibleText(messages.text("composer.name"));
        text.textProperty().bindBidirectional(chat.draftProperty());
        text.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
        text.addEventHandler(
                InputMethodEvent.INPUT_METHOD_TEXT_CHANGED,
                event -> composition.composed(event.getComposed().size(), System.nanoTime()));
        text.focusedProperty().subscribe(writing -> {
            getStyleClass().remove("writing");
            if (writing) {
                getStyleClass().add("writing");
            }
        });
        text.textProperty().subscribe(this::grow);
        text.widthProperty().subscribe(this::grow);
        text.fontProperty().subscribe(this::grow);
        text.setPrefRowCount(1);
    }

    /** As high as its lines, up to eight of them. The text area itself has no height that follows its text. */
    private void grow() {
        measure.setFont(text.getFont());
        measure.setWrappingWidth(Math.max(1, text.getWidth() - WRAP_MARGIN));
        double oneLine = heightOf(" ");
        String written = text.getText();
        double lines = heightOf(written.isEmpty() || written.endsWith("\n") ? written + " " : written);
        double height = Math.ceil(Math.min(lines, MOST_LINES * oneLine) + LINES_PADDING);
        text.setMinHeight(height);
        text.setPrefHeight(height);
        text.setMaxHeight(height);
        // A scroll bar only where there is something to scroll.
        text.getStyleClass().remove("full");
        if (lines > MOST_LINES * oneLine) {
            text.getStyleClass().add("full");
        }
    }

    private double heightOf(String written) {
        measure.setText(written);
        return measure.getLayoutBounds().getHeight();
    }

    private void key(KeyEvent event) {
        if (event.getCode() == KeyCode.ENTER && !event.isShiftDown()) {
            if (!composition.ownsReturn(System.nanoTime())) {
                event.consume();
                chat.send();
            }
        } else if (event.getCode() == KeyCode.ENTER) {
            event.consume();
            text.replaceSelection("\n");
        } else if (event.getCode() == KeyCode.UP && text.getLength() == 0) {
            event.consume();
            chat.editLast();
            text.end();
        } else if (event.getCode() == KeyCode.ESCAPE && chat.isEditing()) {
            event.consume();
            chat.stopEditing();
        }
    }

    private void sendAndStop() {
        send.setId("send");
        send.getStyleClass().addAll("primary", "send");
        send.setGraphic(Icons.control(Feather.ARROW_UP));
        send.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        send.setAccessibleText(messages.text("composer.send"));
        send.setTooltip(new Tooltip(messages.text("composer.send")));
        send.setOnAction(_ -> chat.send());
        send.disableProperty()
                .bind(Bindings.createBooleanBinding(
                        () -> chat.draftProperty().get().isBlank(), chat.draftProperty()));
        Region mark = new Region();
        mark.getStyleClass().add("stop-mark");
        Label escape = Labels.of(messages.text("composer.escape"), "subtle", "tiny-text");
        HBox face = new HBox(8, mark, Labels.of(messages.text("composer.stop"), "medium"), escape);
        face.setAlignment(Pos.CENTER);
        stop.setId("stop");
        stop.getStyleClass().add("stop");
        stop.setGraphic(face);
        stop.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        stop.setAccessibleText(messages.text("composer.stop"));
    }

    private void show(ChatState state) {
        boolean answers = state.answers();
        stop.setVisible(answers);
        stop.setManaged(answers);
        send.setVisible(!answers);
        send.setManaged(!answers);
        text.setPromptText(
                switch (state) {
                    case ChatState.Ready ready -> messages.text("composer.ask", chat.nameOf(ready.model()));
                    case ChatState.NoModel _,
                            ChatState.Loading _,
                            ChatState.Reading _,
                            ChatState.Writing _,
                            ChatState.Drawing _,
                            ChatState.Failed _ -> messages.text("composer.ask-anything");
                });
        chat.contextUse().ifPresentOrElse(use -> showContext(use), () -> {
            contextBar.setVisible(false);
            context.setText("");
        });
    }

    private void showContext(ContextUse use) {
        contextBar.setVisible(true);
        contextBar.show(use.fraction(), 0);
        context.setText(messages.text("composer.context", quantities.percent(use.fraction())));
    }
}
