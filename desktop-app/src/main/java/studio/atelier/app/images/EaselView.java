package studio.atelier.app.images;

import java.io.File;
import java.util.List;
import java.util.Locale;
import javafx.beans.binding.Bindings;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.CheckMenuItem;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.MenuItem;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.FileChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.ErrorCard;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;

/** The middle of the panel: the picture that is looked at, what can be done with it, and what is known of it. */
final class EaselView extends VBox {
    private final ImagesViewModel images;
    private final Messages messages;
    private final ImagesView.Commands commands;
    private final PictureStage stage;
    private final StackPane troublePlace = new StackPane();
    private final EmptyEasel empty;
    private final BooleanProperty comparing = new SimpleBooleanProperty(false);
    private final BooleanProperty strips = new SimpleBooleanProperty(false);
    private final Label title = Labels.of("", "strong");
    private final Label version = Labels.of("", "muted");
    private final StatusRow status;

    EaselView(ImagesViewModel images, ImagesView.Commands commands, Messages messages) {
        this.images = images;
        this.commands = commands;
        this.messages = messages;
        stage = new PictureStage(mask -> images.maskProperty().set(mask));
        empty = new EmptyEasel(images, commands, messages);
        setMinWidth(0);
        status = new StatusRow(images, messages);
        troublePlace.setPickOnBounds(false);
        StackPane middle = new StackPane(stage, empty, troublePlace);
        middle.getStyleClass().add("easel");
        middle.setMinHeight(0);
        VBox.setVgrow(middle, Priority.ALWAYS);
        Drops.accept(middle, files -> images.bring(files.getFirst(), commands::brought));
        HBox statusPlace = new HBox(status);
        HBox.setHgrow(status, Priority.ALWAYS);
        statusPlace.getStyleClass().add("easel-status");
        stage.setOnDragDetected(event -> images.shownProperty().get().ifPresent(picture -> {
            PictureTransfers.dragOut(stage, images.fileOf(picture));
            event.consume();
        }));
        getChildren().setAll(header(), middle, statusPlace, new GalleryStrip(images, commands, messages));
        images.shownProperty().subscribe(_ -> show());
        images.stateProperty().subscribe(_ -> show());
        images.watchingProperty().subscribe(_ -> show());
        images.thread().addListener((ListChangeListener<SavedPicture>) _ -> nameVersion());
        comparing.addListener(_ -> compare());
        images.brushingProperty().subscribe(on -> {
            comparing.set(false);
            stage.brush(on);
        });
    }

    private HBox header() {
        title.setMinWidth(0);
        Button undo = icon(Feather.CORNER_UP_LEFT, "images.undo", images::undo, "undo-edit");
        Button vary = icon(Feather.SHUFFLE, "images.vary", images::vary, "vary");
        Button compare = icon(Feather.COLUMNS, "images.compare", () -> comparing.set(!comparing.get()), "compare");
        Button cut = icon(Feather.SCISSORS, "images.cut-out", images::cutOut, "cut-out");
        Button copy = icon(Feather.COPY, "images.copy", this::copy, "copy-picture");
        Button save = icon(Feather.SAVE, "images.save", this::save, "save-picture");
        save.setContextMenu(saveMenu());
        Button more = icon(Feather.MORE_HORIZONTAL, "images.more", () -> {}, "picture-more");
        more.setOnAction(_ -> saveMenu().show(more, javafx.geometry.Side.BOTTOM, 0, 4));
        comparing.subscribe(on -> Buttons.mark(compare, on));
        var none =
                Bindings.createBooleanBinding(() -> images.shownProperty().get().isEmpty(), images.shownProperty());
        var busy =
                Bindings.createBooleanBinding(() -> images.stateProperty().get().busy(), images.stateProperty());
        var first = Bindings.createBooleanBinding(
                () -> images.parentOfShown().isEmpty(), images.shownProperty(), images.thread());
        undo.disableProperty().bind(first);
        compare.disableProperty().bind(first);
        vary.disableProperty().bind(none.or(busy));
        cut.disableProperty().bind(none.or(busy));
        copy.disableProperty().bind(none);
        save.disableProperty().bind(none);
        more.disableProperty().bind(none);
        HBox header = new HBox(8, title, version, Labels.spacer(), undo, vary, compare, cut, copy, save, more);
        header.getStyleClass().add("column-header");
        return header;
    }

    private Button icon(Feather shape, String key, Runnable action, String id) {
        Button button = Buttons.icon(shape, messages.text(key), action);
        button.setId(id);
        return button;
    }

    private ContextMenu saveMenu() {
        CheckMenuItem strip = new CheckMenuItem(messages.text("images.strip"));
        strip.selectedProperty().bindBidirectional(strips);
        MenuItem saveAs = new MenuItem(messages.text("images.save-as"));
        saveAs.setOnAction(_ -> save());
        MenuItem delete = new MenuItem(messages.text("images.delete"));
        delete.setOnAction(_ -> images.shownProperty().get().ifPresent(commands::delete));
        ContextMenu menu = new ContextMenu(saveAs, strip, delete);
        menu.getItems().forEach(item -> item.setMnemonicParsing(false));
        return menu;
    }

    /** Asks where to, and saves. */
    void save() {
        images.shownProperty().get().ifPresent(picture -> {
            FileChooser chooser = new FileChooser();
            chooser.setInitialFileName(PictureTransfers.fileName(picture));
            chooser.getExtensionFilters()
                    .setAll(
                            new FileChooser.ExtensionFilter("PNG", "*.png"),
                            new FileChooser.ExtensionFilter("JPEG", "*.jpg", "*.jpeg"));
            File chosen = chooser.showSaveDialog(getScene().getWindow());
            if (chosen != null) {
                images.save(chosen.toPath(), strips.get());
            }
        });
    }

    private void copy() {
        images.shownProperty().get().ifPresent(picture -> {
            PictureTransfers.copy(images.fileOf(picture));
            commands.notice(messages.text("images.notice.copied"));
        });
    }

    private void show() {
        EaselState state = images.stateProperty().get();
        boolean watching = images.watchingProperty().get();
        boolean picture = images.shownProperty().get().isPresent();
        boolean drawing = state instanceof EaselState.Drawing && watching;
        stage.setVisible(picture || drawing);
        empty.setVisible(!picture && !state.busy() && !(state instanceof EaselState.Failed));
        if (drawing && state instanceof EaselState.Drawing now) {
            stage.show(now);
            shown = -1;
        } else {
            images.shownProperty().get().ifPresent(this::show);
        }
        showTrouble(state);
        nameVersion();
    }

    private long shown = -1;

    private void show(SavedPicture picture) {
        if (shown != picture.id()) {
            shown = picture.id();
            comparing.set(false);
            stage.show(FxPictures.of(images.fileOf(picture)));
            stage.setAccessibleText(picture.prompt());
        }
    }

    private void compare() {
        stage.compare(
                comparing.get()
                        ? images.parentOfShown().map(parent -> FxPictures.of(images.fileOf(parent)))
                        : java.util.Optional.empty());
        if (comparing.get()) {
            stage.curtain().requestFocus();
        }
    }

    private void nameVersion() {
        List<SavedPicture> thread = images.thread();
        title.setText(
                thread.isEmpty()
                        ? messages.text("images.new")
                        : firstWords(thread.getFirst().prompt()));
        int number = images.shownProperty()
                .get()
                .map(picture -> thread.stream().map(SavedPicture::id).toList().indexOf(picture.id()) + 1)
                .orElse(0);
        version.setText(number == 0 ? "" : messages.text("images.version", String.valueOf(number)));
        version.setMinWidth(USE_PREF_SIZE);
    }

    private static String firstWords(String prompt) {
        String line = prompt.strip().lines().findFirst().orElse("");
        return line.isEmpty() ? line : line.substring(0, 1).toUpperCase(Locale.ROOT) + line.substring(1);
    }

    private void showTrouble(EaselState state) {
        if (!(state instanceof EaselState.Failed failed)) {
            troublePlace.getChildren().clear();
            return;
        }
        Trouble trouble = failed.trouble();
        String text = trouble.text().isEmpty()
                ? trouble.said()
                : messages.text(trouble.text(), trouble.numbers().toArray());
        Button primary = trouble.title().equals("images.trouble.no-model")
                ? Buttons.primary(messages.text("images.model.find"), commands::findModels)
                : Buttons.primary(messages.text("failure.dismiss"), images::dismiss);
        ErrorCard card = new ErrorCard(Feather.IMAGE, messages.text(trouble.title()), text, List.of(primary));
        card.setId("picture-trouble");
        StackPane.setAlignment(card, Pos.CENTER);
        troublePlace.getChildren().setAll(card);
    }
}
