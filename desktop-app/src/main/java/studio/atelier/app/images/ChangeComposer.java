package studio.atelier.app.images;

import java.io.File;
import java.util.List;
import javafx.beans.binding.Bindings;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.TextArea;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.input.InputMethodEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.FileChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;
import studio.atelier.engine.image.PictureModelInfo;

/** Where a change of the version on the screen is written: Return sends it. */
final class ChangeComposer extends VBox {
    private final ImagesViewModel images;
    private final Messages messages;
    private final TextArea text = new TextArea();
    private boolean composing;

    ChangeComposer(ImagesViewModel images, Messages messages) {
        super(4);
        this.images = images;
        this.messages = messages;
        getStyleClass().add("composer");
        text.setId("change");
        text.setWrapText(true);
        text.setPrefRowCount(2);
        text.setMinHeight(44);
        text.setPrefHeight(44);
        text.setAccessibleText(messages.text("images.change"));
        text.textProperty().bindBidirectional(images.changeProperty());
        text.addEventFilter(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ENTER && !event.isShiftDown() && !composing) {
                event.consume();
                images.change();
            }
        });
        // Return belongs to the input method while it composes.
        text.addEventHandler(
                InputMethodEvent.INPUT_METHOD_TEXT_CHANGED,
                event -> composing = !event.getComposed().isEmpty());
        text.focusedProperty().subscribe(writing -> {
            getStyleClass().remove("writing");
            if (writing) {
                getStyleClass().add("writing");
            }
        });
        HBox chips = new HBox(6);
        images.changeReferences().addListener((ListChangeListener<Recipe.Reference>) _ -> chips.getChildren()
                .setAll(images.changeReferences().stream()
                        .map(reference -> Labels.of(reference.name(), "reference-chip", "small-text"))
                        .toList()));
        HBox tools = new HBox(4, attach(), brush(), Labels.spacer(), send());
        tools.setAlignment(Pos.CENTER_LEFT);
        getChildren().setAll(text, chips, tools);
        Drops.accept(this, files -> files.forEach(images::addChangeReference));
        images.shownProperty().subscribe(_ -> name());
        images.thread().addListener((ListChangeListener<SavedPicture>) _ -> name());
    }

    void focusText() {
        text.requestFocus();
        text.end();
    }

    private void name() {
        int number = images.shownProperty()
                .get()
                .map(picture ->
                        images.thread().stream().map(SavedPicture::id).toList().indexOf(picture.id()) + 1)
                .orElse(0);
        text.setPromptText(messages.text("images.change-hint", String.valueOf(number)));
    }

    private Button attach() {
        return Buttons.icon(Feather.PAPERCLIP, messages.text("images.reference.more"), () -> {
            FileChooser chooser = new FileChooser();
            chooser.getExtensionFilters()
                    .setAll(new FileChooser.ExtensionFilter(
                            messages.text("images.files"), "*.png", "*.jpg", "*.jpeg", "*.gif", "*.bmp"));
            List<File> chosen = chooser.showOpenMultipleDialog(getScene().getWindow());
            if (chosen != null) {
                chosen.forEach(file -> images.addChangeReference(file.toPath()));
            }
        });
    }

    /** For models that can be held to a mask; for others the button says why it can't be pressed. */
    private StackPane brush() {
        ToggleButton brush = new ToggleButton();
        brush.setGraphic(Icons.control(Feather.EDIT_2));
        brush.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        brush.getStyleClass().addAll("flat-button", "icon-only", "brush");
        brush.setId("brush");
        brush.setAccessibleText(messages.text("images.brush"));
        brush.selectedProperty().bindBidirectional(images.brushingProperty());
        // A disabled control shows no tooltip, so what it stands on does.
        StackPane place = new StackPane(brush);
        Tooltip meaning = new Tooltip();
        Tooltip.install(place, meaning);
        Runnable fit = () -> {
            boolean masks = images.model().filter(PictureModelInfo::masks).isPresent();
            brush.setDisable(!masks || images.shownProperty().get().isEmpty());
            meaning.setText(messages.text(masks ? "images.brush" : "images.brush-none"));
            if (brush.isDisabled()) {
                brush.setSelected(false);
            }
        };
        images.models().running().stateProperty().subscribe(_ -> fit.run());
        images.shownProperty().subscribe(_ -> fit.run());
        return place;
    }

    private Button send() {
        Button send = new Button();
        send.setId("send-change");
        send.getStyleClass().addAll("primary", "send");
        send.setGraphic(Icons.control(Feather.ARROW_UP));
        send.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        send.setAccessibleText(messages.text("images.change"));
        send.setOnAction(_ -> images.change());
        send.disableProperty()
                .bind(Bindings.createBooleanBinding(
                        () -> images.changeProperty().get().isBlank()
                                || images.stateProperty().get().busy(),
                        images.changeProperty(),
                        images.stateProperty()));
        return send;
    }
}
