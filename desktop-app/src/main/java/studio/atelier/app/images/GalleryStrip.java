package studio.atelier.app.images;

import javafx.beans.binding.Bindings;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;

/** The latest pictures, in one row below the one that is looked at. */
final class GalleryStrip extends VBox {
    private static final double SIDE = 64;
    private static final int MOST = 12;

    GalleryStrip(ImagesViewModel images, ImagesView.Commands commands, Messages messages) {
        super(8);
        getStyleClass().add("gallery-strip");
        Label count = Labels.of("", "muted");
        HBox heading = new HBox(
                8,
                Labels.of(messages.text("images.gallery"), "strong"),
                count,
                Labels.spacer(),
                Buttons.link(messages.text("images.gallery.all"), commands::showGallery));
        heading.setAlignment(Pos.CENTER_LEFT);
        HBox row = new HBox(6);
        row.setId("gallery-strip");
        row.setMinHeight(SIDE + 2);
        row.setMinWidth(0);
        javafx.scene.shape.Rectangle edge = new javafx.scene.shape.Rectangle();
        // Room for the frame of the chosen one, also at the left end.
        edge.widthProperty().bind(widthProperty().subtract(26));
        edge.setHeight(SIDE + 8);
        edge.setX(-3);
        edge.setY(-3);
        row.setClip(edge);
        getChildren().setAll(heading, row);
        Runnable fill = () -> {
            row.getChildren()
                    .setAll(images.gallery().all().stream()
                            .limit(MOST)
                            .map(picture -> new Thumbnail(
                                    images, picture, SIDE, () -> images.show(picture), commands, messages))
                            .toList());
            count.setText(messages.text(
                    images.gallery().all().size() == 1 ? "images.gallery.one" : "images.gallery.count",
                    String.valueOf(images.gallery().all().size())));
        };
        images.gallery().all().addListener((ListChangeListener<SavedPicture>) _ -> fill.run());
        fill.run();
        visibleProperty().bind(Bindings.isNotEmpty(images.gallery().all()));
        managedProperty().bind(visibleProperty());
    }
}
