package studio.atelier.app.sidebar;

import atlantafx.base.controls.CustomTextField;
import java.util.List;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.Conversation;

/** The column of conversations. */
public final class SidebarView extends VBox {
    /** What the sidebar asks of the rest of the window, with the keys that ask for the same. */
    public record Commands(
            Runnable startNew, String newKeys, String searchKeys, List<Node> header, List<Node> footer) {}

    private static final double FACE_PADDING = 9;

    private final SidebarViewModel sidebar;
    private final Messages messages;
    private final CustomTextField search = new CustomTextField();
    private final ListView<SidebarRow> list = new ListView<>();
    private final Label nothing = Labels.wrapped("", "subtle", "small-text");

    public SidebarView(SidebarViewModel sidebar, Commands commands, Messages messages) {
        super(8);
        this.sidebar = sidebar;
        this.messages = messages;
        getStyleClass().add("sidebar");
        nothing.getStyleClass().add("chat-section");
        HBox header = new HBox(4, commands.header().toArray(Node[]::new));
        header.getStyleClass().add("column-header");
        fillSearch(commands.searchKeys());
        fillList();
        StackPane middle = new StackPane(list, nothing);
        StackPane.setAlignment(nothing, Pos.TOP_LEFT);
        VBox.setVgrow(middle, Priority.ALWAYS);
        VBox footer = new VBox(commands.footer().toArray(Node[]::new));
        getChildren().setAll(header, newChat(commands), search, middle, footer);
        sidebar.rows().addListener((ListChangeListener<SidebarRow>) _ -> follow());
        sidebar.selectedProperty().subscribe(_ -> follow());
        sidebar.renamingProperty().addListener((_, had, has) -> {
            if (had != null && has == null) {
                list.requestFocus();
            }
        });
    }

    /** Puts the cursor into the search field. */
    public void focusSearch() {
        search.requestFocus();
        search.selectAll();
    }

    /** Gives the keyboard to the list. */
    public void focusList() {
        list.requestFocus();
    }

    private Button newChat(Commands commands) {
        HBox face = new HBox(
                8,
                Icons.control(Feather.EDIT_2),
                Labels.of(messages.text("sidebar.new"), "medium"),
                Labels.spacer(),
                Labels.of(commands.newKeys(), "subtle", "tiny-text"));
        face.setAlignment(Pos.CENTER_LEFT);
        Button button = Buttons.bordered("", commands.startNew());
        button.setId("new-chat");
        button.getStyleClass().add("new-chat");
        button.setGraphic(face);
        button.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        button.setMinWidth(0);
        face.prefWidthProperty().bind(button.widthProperty().subtract(2 * FACE_PADDING));
        button.setAccessibleText(messages.text("sidebar.new"));
        return button;
    }

    private void fillSearch(String keys) {
        search.setId("search");
        search.getStyleClass().add("search");
        search.setLeft(Icons.control(Feather.SEARCH));
        Label hint = Labels.of(keys, "subtle", "tiny-text");
        Button clear = Buttons.icon(Feather.X, messages.text("sidebar.clear-search"), search::clear);
        clear.getStyleClass().add("clear-search");
        clear.setFocusTraversable(false);
        search.textProperty().subscribe(text -> search.setRight(text.isEmpty() ? hint : clear));
        search.setPromptText(messages.text("sidebar.search"));
        search.setAccessibleText(messages.text("sidebar.search"));
        search.textProperty().bindBidirectional(sidebar.queryProperty());
        search.addEventFilter(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE && !search.getText().isEmpty()) {
                event.consume();
                search.clear();
            } else if (event.getCode() == KeyCode.DOWN || event.getCode() == KeyCode.ENTER) {
                event.consume();
                sidebar.jumpTo(0);
                list.requestFocus();
            }
        });
    }

    private void fillList() {
        list.setId("chats");
        list.getStyleClass().add("chat-list");
        list.setItems(sidebar.rows());
        list.setCellFactory(_ -> new ChatCell(sidebar, messages));
        list.setAccessibleText(messages.text("sidebar.list"));
        list.setPlaceholder(new Region());
        list.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
    }

    private void key(KeyEvent event) {
        Conversation here = sidebar.selectedProperty().get();
        if (sidebar.renamingProperty().get() != null || event.isShortcutDown()) {
            return;
        }
        switch (event.getCode()) {
            case UP -> consume(event, () -> sidebar.step(-1));
            case DOWN -> consume(event, () -> sidebar.step(1));
            case ENTER -> consume(event, () -> rename(here));
            case DELETE, BACK_SPACE -> consume(event, () -> delete(here));
            default -> {}
        }
    }

    private static void consume(KeyEvent event, Runnable task) {
        event.consume();
        task.run();
    }

    private void rename(@Nullable Conversation here) {
        if (here != null) {
            sidebar.startRenaming(here);
        }
    }

    private void delete(@Nullable Conversation here) {
        if (here != null) {
            sidebar.delete(here);
        }
    }

    /** The list marks what is on the screen, whatever the order of the lines became. */
    private void follow() {
        Conversation here = sidebar.selectedProperty().get();
        list.getSelectionModel().clearSelection();
        for (int i = 0; i < sidebar.rows().size(); i++) {
            if (sidebar.rows().get(i) instanceof SidebarRow.Chat chat && chat.conversation() == here) {
                list.getSelectionModel().select(i);
                list.getFocusModel().focus(i);
            }
        }
        String wanted = sidebar.queryProperty().get().strip();
        boolean empty = sidebar.rows().isEmpty();
        nothing.setVisible(empty);
        nothing.setText(
                !empty
                        ? ""
                        : wanted.isEmpty()
                                ? messages.text("sidebar.none")
                                : messages.text("sidebar.nothing-found", wanted));
    }
}
