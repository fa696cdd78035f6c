package studio.atelier.app.images;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.image.ImageView;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.stage.FileChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** Pictures to follow: dropped here, or chosen from the disk. */
final class ReferenceRow extends FlowPane {
    private static final double SIDE = 20;

    private final Messages messages;
    private final Consumer<Path> added;
    private final Consumer<Recipe.Reference> removed;

    ReferenceRow(Messages messages, Consumer<Path> added, Consumer<Recipe.Reference> removed) {
        super(6, 6);
        this.messages = messages;
        this.added = added;
        this.removed = removed;
        getStyleClass().add("references");
        Drops.accept(this, files -> files.forEach(added));
        show(List.of());
    }

    void show(List<Recipe.Reference> references) {
        getChildren().clear();
        for (Recipe.Reference reference : references) {
            ImageView view = new ImageView(FxPictures.of(reference.file().picture()));
            view.setPreserveRatio(true);
            view.setFitHeight(SIDE);
            view.setFitWidth(SIDE * 2);
            HBox chip = new HBox(
                    6,
                    view,
                    Labels.of(reference.name(), "small-text"),
                    Buttons.icon(Feather.X, messages.text("images.reference.remove"), () -> removed.accept(reference)));
            chip.setAlignment(Pos.CENTER_LEFT);
            chip.getStyleClass().add("reference-chip");
            getChildren().add(chip);
        }
        Button choose = Buttons.flat(
                references.isEmpty() ? messages.text("images.reference.drop") : messages.text("images.reference.more"),
                this::choose);
        choose.setGraphic(Icons.inline(Feather.PAPERCLIP));
        choose.getStyleClass().add("small-button");
        getChildren().add(choose);
    }

    private void choose() {
        FileChooser chooser = new FileChooser();
        chooser.getExtensionFilters()
                .setAll(new FileChooser.ExtensionFilter(
                        messages.text("images.files"), "*.png", "*.jpg", "*.jpeg", "*.gif", "*.bmp"));
        List<File> chosen = chooser.showOpenMultipleDialog(getScene().getWindow());
        if (chosen != null) {
            chosen.forEach(file -> added.accept(file.toPath()));
        }
    }
}
