package studio.atelier.app.sidebar;

import javafx.geometry.Pos;
import javafx.geometry.Side;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.MenuItem;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseButton;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Conversation;

/** One line of the list: a heading, a title, or the field in which a title is written. */
final class ChatCell extends ListCell<SidebarRow> {
    private final SidebarViewModel sidebar;
    private final Messages messages;

    ChatCell(SidebarViewModel sidebar, Messages messages) {
        this.sidebar = sidebar;
        this.messages = messages;
        setPrefWidth(0);
        sidebar.renamingProperty().subscribe(_ -> updateItem(getItem(), isEmpty()));
    }

    @Override
    protected void updateItem(@org.jspecify.annotations.Nullable SidebarRow row, boolean empty) {
        super.updateItem(row, empty);
        setText(null);
        setContextMenu(null);
        setOnMouseClicked(null);
        setMouseTransparent(empty || row instanceof SidebarRow.Section);
        if (empty || row == null) {
            setGraphic(null);
            return;
        }
        switch (row) {
            case SidebarRow.Section section -> setGraphic(Labels.of(messages.text(section.key()), "chat-section"));
            case SidebarRow.Chat chat -> showChat(chat.conversation());
        }
    }

    private void showChat(Conversation conversation) {
        if (conversation == sidebar.renamingProperty().get()) {
            setGraphic(titleField(conversation));
            return;
        }
        Label title = Labels.of("", "title");
        title.textProperty().bind(conversation.titleProperty());
        HBox.setHgrow(title, Priority.ALWAYS);
        title.setMaxWidth(Double.MAX_VALUE);
        Button more = Buttons.icon(Feather.MORE_HORIZONTAL, messages.text("menu.all"), () -> {});
        more.getStyleClass().add("row-action");
        more.setFocusTraversable(false);
        more.setOnAction(_ -> menu(conversation).show(more, Side.BOTTOM, 0, 4));
        more.visibleProperty().bind(hoverProperty());
        more.managedProperty().bind(hoverProperty());
        HBox line = new HBox(4, title, more);
        line.getStyleClass().add("chat-row");
        line.setAlignment(Pos.CENTER_LEFT);
        setGraphic(line);
        setContextMenu(menu(conversation));
        setOnMouseClicked(event -> {
            if (event.getButton() == MouseButton.PRIMARY && event.getClickCount() == 2) {
                sidebar.startRenaming(conversation);
            } else {
                sidebar.choose(conversation);
            }
        });
    }

    private ContextMenu menu(Conversation conversation) {
        MenuItem rename = new MenuItem(messages.text("sidebar.rename"));
        rename.setOnAction(_ -> sidebar.startRenaming(conversation));
        MenuItem delete = new MenuItem(messages.text("sidebar.delete"));
        delete.setOnAction(_ -> sidebar.delete(conversation));
        return new ContextMenu(rename, delete);
    }

    private Node titleField(Conversation conversation) {
        TextField field = new TextField(conversation.titleProperty().get());
        field.setId("rename");
        field.setAccessibleText(messages.text("sidebar.rename"));
        field.setOnAction(_ -> sidebar.finishRenaming(field.getText()));
        field.addEventFilter(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE) {
                event.consume();
                sidebar.cancelRenaming();
            }
        });
        field.focusedProperty().addListener((_, had, has) -> {
            if (had && !has) {
                sidebar.finishRenaming(field.getText());
            }
        });
        field.sceneProperty().subscribe(scene -> {
            if (scene != null) {
                field.requestFocus();
                field.selectAll();
            }
        });
        return field;
    }
}
