package studio.atelier.app.images;

import atlantafx.base.controls.CustomTextField;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;

/** All pictures, and a search in their words. */
public final class GallerySheet extends VBox {
    private static final double SIDE = 132;
    /** More would hold the window up; a search finds the rest. */
    private static final int MOST = 240;

    private final CustomTextField search = new CustomTextField();

    GallerySheet(ImagesViewModel images, ImagesView.Commands commands, Messages messages, Runnable close) {
        super(12);
        getStyleClass().add("modal-sheet");
        setId("gallery");
        setMaxSize(900, 660);
        search.setLeft(Icons.inline(Feather.SEARCH));
        search.setId("gallery-search");
        search.setPromptText(messages.text("images.gallery.search"));
        search.setAccessibleText(messages.text("images.gallery.search"));
        search.textProperty().bindBidirectional(images.gallery().searchProperty());
        HBox.setHgrow(search, Priority.ALWAYS);
        HBox head = new HBox(
                12,
                Labels.of(messages.text("images.gallery"), "section-title"),
                search,
                Buttons.bordered(messages.text("help.done"), close));
        head.setAlignment(Pos.CENTER_LEFT);
        FlowPane grid = new FlowPane(10, 10);
        grid.setId("gallery-grid");
        Label nothing = Labels.wrapped("", "muted");
        ScrollPane scroll = new ScrollPane(grid);
        scroll.setFitToWidth(true);
        StackPane middle = new StackPane(scroll, nothing);
        VBox.setVgrow(middle, Priority.ALWAYS);
        getChildren().setAll((Node) head, middle);
        Runnable fill = () -> {
            grid.getChildren()
                    .setAll(images.gallery().found().stream()
                            .limit(MOST)
                            .map(picture -> new Thumbnail(
                                    images,
                                    picture,
                                    SIDE,
                                    () -> {
                                        images.show(picture);
                                        close.run();
                                    },
                                    commands,
                                    messages))
                            .toList());
            nothing.setText(
                    images.gallery().found().isEmpty()
                            ? messages.text(
                                    "images.gallery.nothing",
                                    images.gallery().searchProperty().get())
                            : "");
        };
        images.gallery().found().addListener((ListChangeListener<SavedPicture>) _ -> fill.run());
        fill.run();
    }

    /** Puts the cursor into the search. */
    public void focusFirst() {
        search.requestFocus();
    }
}
