package studio.atelier.app;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.MenuButton;
import javafx.scene.layout.HBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.shell.Action;
import studio.atelier.app.shell.Actions;
import studio.atelier.app.shell.Sections;

/**
 * What stands around the list of conversations: the program's name and menus above it, the other parts of the window and
 * the settings below.
 *
 * @param all the other parts, in their order
 * @param sections shows one of them
 */
record SidebarFrame(List<Sections.Section> all, Sections sections, Actions actions, Messages messages) {
    List<Node> header(Button hide) {
        return List.of(Labels.of(messages.text("app.name"), "app-name"), Labels.spacer(), menuButton(), hide);
    }

    List<Node> footer() {
        List<Node> rows = new ArrayList<>();
        for (Sections.Section section : all) {
            Button row = sidebarRow(section.icon(), section.key(), "", () -> sections.show(section));
            row.setId(section.key().replace('.', '-'));
            sections.shownProperty()
                    .subscribe(shown ->
                            Buttons.mark(row, shown.filter(section::equals).isPresent()));
            rows.add(row);
        }
        rows.add(sidebarRow(
                Feather.SETTINGS,
                "sidebar.settings",
                Action.SETTINGS.keysForPeople(),
                () -> actions.run(Action.SETTINGS)));
        return rows;
    }

    private Button sidebarRow(Feather shape, String key, String keys, Runnable action) {
        HBox face = new HBox(8, Icons.control(shape), Labels.of(messages.text(key)), Labels.spacer());
        face.getChildren().add(Labels.of(keys, "subtle", "tiny-text"));
        face.setAlignment(Pos.CENTER_LEFT);
        Button button = Buttons.flat("", action);
        button.setGraphic(face);
        button.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        button.getStyleClass().add("sidebar-row");
        button.setAccessibleText(messages.text(key));
        button.setMaxWidth(Double.MAX_VALUE);
        face.prefWidthProperty().bind(button.widthProperty().subtract(16));
        return button;
    }

    /** The menus where the system has no bar of its own for them. */
    private Node menuButton() {
        MenuButton button = new MenuButton();
        button.setGraphic(Icons.control(Feather.MENU));
        button.getStyleClass().addAll("flat-button", "icon-only");
        button.setAccessibleText(messages.text("menu.all"));
        button.getItems().setAll(actions.menus(messages));
        boolean shown = !Action.isMac();
        button.setVisible(shown);
        button.setManaged(shown);
        return button;
    }
}
