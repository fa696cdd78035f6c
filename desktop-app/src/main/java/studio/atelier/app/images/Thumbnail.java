package studio.atelier.app.images;

import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.Tooltip;
import javafx.scene.image.ImageView;
import javafx.scene.layout.StackPane;
import javafx.scene.shape.Rectangle;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;

/** A small picture that can be chosen; the one that is looked at has a frame. */
final class Thumbnail extends Button {
    Thumbnail(
            ImagesViewModel images,
            SavedPicture picture,
            double side,
            Runnable chosen,
            ImagesView.Commands commands,
            Messages messages) {
        getStyleClass().add("thumbnail");
        ImageView view = new ImageView(FxPictures.small(images.fileOf(picture), side));
        view.setPreserveRatio(true);
        view.setFitWidth(side);
        view.setFitHeight(side);
        Checkerboard ground = new Checkerboard(6);
        StackPane face = new StackPane(ground, view);
        face.setMinSize(side, side);
        face.setMaxSize(side, side);
        Rectangle cut = new Rectangle(side, side);
        cut.setArcWidth(10);
        cut.setArcHeight(10);
        face.setClip(cut);
        setGraphic(face);
        setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        setAccessibleText(picture.prompt());
        setTooltip(new Tooltip(
                picture.prompt().length() > 120 ? picture.prompt().substring(0, 120) + "…" : picture.prompt()));
        setOnAction(_ -> chosen.run());
        MenuItem edit = new MenuItem(messages.text("images.edit-this"));
        edit.setOnAction(_ -> {
            chosen.run();
            commands.edit();
        });
        MenuItem delete = new MenuItem(messages.text("images.delete"));
        delete.setOnAction(_ -> commands.delete(picture));
        setContextMenu(new ContextMenu(edit, delete));
        setOnDragDetected(event -> {
            PictureTransfers.dragOut(this, images.fileOf(picture));
            event.consume();
        });
        // Only while it is in a window, or the gallery would keep every row that it ever had.
        images.shownProperty().when(sceneProperty().isNotNull()).subscribe(shown -> {
            getStyleClass().remove("chosen");
            if (shown.filter(other -> other.id() == picture.id()).isPresent()) {
                getStyleClass().add("chosen");
            }
        });
    }
}
