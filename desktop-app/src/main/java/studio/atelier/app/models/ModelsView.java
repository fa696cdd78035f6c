package studio.atelier.app.models;

import java.nio.file.Path;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** The part of the window about models: what the hub has, and what is here or on its way. */
public final class ModelsView extends VBox {
    private final ModelsViewModel models;
    private final DiscoverView discover;
    private final ToggleButton here;
    private final ToggleButton there;

    /**
     * Builds it.
     *
     * @param use opens an installed model for the chat
     * @param browser opens a page in the person's browser
     */
    public ModelsView(ModelsViewModel models, Consumer<Path> use, Consumer<String> browser, Messages messages) {
        this.models = models;
        getStyleClass().add("models");
        setId("models");
        discover = new DiscoverView(models, browser, messages);
        InstalledView installed = new InstalledView(
                models, use, folder -> browser.accept(folder.toUri().toString()), messages);
        ToggleGroup pages = new ToggleGroup();
        there = segment(messages.text("models.discover"), "discover", pages);
        here = segment(messages.text("models.here"), "here", pages);
        HBox segments = new HBox(there, here);
        segments.getStyleClass().add("segments");
        segments.setMaxHeight(USE_PREF_SIZE);
        HBox title = new HBox(Labels.of(messages.text("models.title"), "section-title"));
        title.setAlignment(Pos.CENTER_LEFT);
        StackPane header = new StackPane(title, segments);
        StackPane.setAlignment(title, Pos.CENTER_LEFT);
        StackPane.setAlignment(segments, Pos.CENTER);
        segments.setMaxWidth(USE_PREF_SIZE);
        title.setMaxWidth(USE_PREF_SIZE);
        header.getStyleClass().add("column-header");
        StackPane body = new StackPane(discover, installed);
        VBox.setVgrow(body, Priority.ALWAYS);
        getChildren().setAll(header, body);
        pages.selectedToggleProperty().addListener((_, old, chosen) -> {
            if (chosen == null) {
                // One page is always there.
                pages.selectToggle(old);
            }
        });
        there.selectedProperty().subscribe(on -> {
            show(discover, on);
            show(installed, !on);
            if (!on) {
                models.refresh();
            }
        });
        pages.selectToggle(there);
    }

    private static void show(Node page, boolean on) {
        page.setVisible(on);
        page.setManaged(on);
    }

    private static ToggleButton segment(String text, String id, ToggleGroup group) {
        ToggleButton button = new ToggleButton(text);
        button.setId("models-" + id);
        button.setToggleGroup(group);
        button.getStyleClass().add("segment");
        button.setMinWidth(USE_PREF_SIZE);
        return button;
    }

    /** The page with what is at the hub. */
    public void showDiscover() {
        there.setSelected(true);
        discover.focusSearch();
    }

    /** The page with downloads and installed models. */
    public void showHere() {
        here.setSelected(true);
    }

    /** To be called when the person comes here. */
    public void arrive() {
        models.refresh();
        discover.arrive();
    }
}
