package studio.atelier.app.chat;

import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.OverrunStyle;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** The row above the messages: the conversation's title, the model, and what belongs at the edges. */
public final class ChatHeader extends HBox {
    public ChatHeader(ChatViewModel chat, Node left, Node modelPicker, Node right, Messages messages) {
        getStyleClass().add("column-header");
        Label title = Labels.of("", "chat-title");
        title.setId("chat-title");
        title.setTextOverrun(OverrunStyle.ELLIPSIS);
        title.textProperty().bind(chat.titleProperty().map(text -> text.isEmpty() ? messages.text("chat.new") : text));
        // Both sides grow alike, so the model stands in the middle whatever the title is.
        HBox start = new HBox(4, left, title);
        start.setAlignment(Pos.CENTER_LEFT);
        HBox end = new HBox(4, right);
        end.setAlignment(Pos.CENTER_RIGHT);
        for (HBox side : new HBox[] {start, end}) {
            side.setMinWidth(0);
            side.setPrefWidth(1);
            HBox.setHgrow(side, Priority.ALWAYS);
        }
        getChildren().setAll(start, new StackPane(modelPicker), end);
    }
}
