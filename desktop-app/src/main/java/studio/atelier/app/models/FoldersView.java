package studio.atelier.app.models;

import java.io.File;
import java.nio.file.Path;
import java.util.Optional;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.stage.DirectoryChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Following;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.store.Disks;

/** Where models are kept: each folder with the room on its disk, and other disks that could be used. */
final class FoldersView extends VBox {
    private static final double ABOVE_BUTTON = 10;

    private final FoldersViewModel folders;
    private final Messages messages;
    private final ModelWords words;

    FoldersView(FoldersViewModel folders, Messages messages) {
        this.folders = folders;
        this.messages = messages;
        this.words = new ModelWords(messages);
        setId("model-folders");
        Following.whileShown(this, () -> folders.stateProperty().subscribe(this::show));
    }

    private void show(FoldersViewModel.State state) {
        getChildren().clear();
        state.chosen().forEach(folder -> getChildren().add(row(folder)));
        state.offered().forEach(found -> getChildren().add(row(found)));
        if (!state.problem().isEmpty()) {
            getChildren().add(Labels.wrapped(state.problem(), "danger-text", "small-text"));
        }
        HBox more = new HBox(Buttons.bordered(messages.text("models.folder-add"), this::choose));
        VBox.setMargin(more, new Insets(ABOVE_BUTTON, 0, 0, 0));
        getChildren().add(more);
    }

    private Node row(FoldersViewModel.Folder folder) {
        String room = folder.isThere()
                ? messages.text("models.disk-free", words.disk(folder.freeBytes()))
                : messages.text("models.folder-away");
        HBox row = line(folder.isOwn() ? Feather.HOME : Feather.FOLDER, folder.path(), room);
        if (folder.isTarget()) {
            row.getChildren()
                    .add(ModelWords.pill(messages.text("models.folder-target"), "success", Optional.of(Feather.CHECK)));
        } else if (folder.isThere()) {
            row.getChildren()
                    .add(Buttons.bordered(messages.text("models.folder-use"), () -> folders.useForNew(folder.path())));
        }
        if (!folder.isOwn()) {
            row.getChildren()
                    .add(Buttons.icon(
                            Feather.X, messages.text("models.folder-remove"), () -> folders.remove(folder.path())));
        }
        return row;
    }

    private Node row(Disks.Found found) {
        String what = messages.text(
                found.isThere() ? "models.folder-found" : "models.folder-room", words.disk(found.freeBytes()));
        HBox row = line(Feather.HARD_DRIVE, found.folder(), what);
        row.getChildren().add(Buttons.bordered(messages.text("models.folder-look"), () -> folders.add(found.folder())));
        return row;
    }

    private HBox line(Feather icon, Path path, String note) {
        Label name = Labels.of(folders.shown(path), "medium");
        name.setMinWidth(0);
        name.setMaxWidth(Double.MAX_VALUE);
        HBox.setHgrow(name, Priority.ALWAYS);
        Label room = Labels.of(note, "muted", "small-text");
        room.setMinWidth(USE_PREF_SIZE);
        HBox row = new HBox(12, Icons.control(icon), name, room);
        row.getStyleClass().add("table-row");
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }

    private void choose() {
        DirectoryChooser chooser = new DirectoryChooser();
        chooser.setTitle(messages.text("models.folder-add"));
        File chosen = chooser.showDialog(getScene().getWindow());
        if (chosen != null) {
            folders.add(chosen.toPath());
        }
    }
}
