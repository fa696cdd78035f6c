package studio.atelier.app.images;

import atlantafx.base.controls.Popover;
import atlantafx.base.controls.RingProgressIndicator;
import java.io.File;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.Separator;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.stage.DirectoryChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** The model that draws, and the others that could. */
final class PictureModelPicker extends HBox {
    private static final double LIST_WIDTH = 260;

    private final PictureModelsViewModel models;
    private final Messages messages;
    private final HBox face = new HBox(8);
    private final Button button = new Button();
    private final VBox list = new VBox(2);
    private final Popover popover = new Popover(list);

    PictureModelPicker(PictureModelsViewModel models, Messages messages) {
        this.models = models;
        this.messages = messages;
        setAlignment(Pos.CENTER_LEFT);
        face.setAlignment(Pos.CENTER_LEFT);
        button.setId("picture-model");
        button.getStyleClass().add("model-picker");
        button.setGraphic(face);
        button.setContentDisplay(ContentDisplay.GRAPHIC_ONLY);
        button.setMaxWidth(Double.MAX_VALUE);
        button.setMinWidth(0);
        button.setOnAction(_ -> popover.show(button));
        face.prefWidthProperty().bind(button.widthProperty().subtract(20));
        HBox.setHgrow(button, Priority.ALWAYS);
        HBox.setHgrow(this, Priority.ALWAYS);
        list.setPrefWidth(LIST_WIDTH);
        popover.setArrowSize(0);
        popover.setDetachable(false);
        getChildren().setAll(button);
        models.chosenProperty().subscribe(_ -> show());
        models.running().stateProperty().subscribe(_ -> show());
        models.choices().addListener((ListChangeListener<PictureModels.Choice>) _ -> fill());
        fill();
    }

    private void show() {
        if (models.chosenProperty().get().isEmpty()) {
            write(dot("none"), messages.text("images.model.none"), "");
            return;
        }
        PictureModels.Choice choice = models.chosenProperty().get().get();
        String about = choice.included() ? messages.text("images.model.included") : "";
        switch (models.running().stateProperty().get()) {
            case RunningPictures.State.Opening opening
            when opening.choice().equals(choice) -> {
                RingProgressIndicator ring = new RingProgressIndicator();
                ring.setMaxSize(12, 12);
                write(ring, ModelName.of(choice.name(), messages), messages.text("models.loading"));
            }
            case RunningPictures.State.Open open
            when open.choice().equals(choice) ->
                write(
                        dot("running"),
                        ModelName.of(choice.name(), messages),
                        about.isEmpty() ? open.info().architecture() : about);
            case RunningPictures.State.Refused refused
            when refused.choice().equals(choice) ->
                write(dot("none"), ModelName.of(choice.name(), messages), messages.text("models.refused"));
            case RunningPictures.State.None _,
                    RunningPictures.State.Opening _,
                    RunningPictures.State.Open _,
                    RunningPictures.State.Refused _ -> write(dot("none"), ModelName.of(choice.name(), messages), about);
        }
    }

    private void write(Node mark, String name, String about) {
        face.getChildren()
                .setAll(
                        mark,
                        Labels.of(name, "strong"),
                        Labels.of(about, "muted"),
                        Labels.spacer(),
                        Icons.inline(Feather.CHEVRON_DOWN));
        button.setAccessibleText(messages.text("images.model") + ": " + name);
    }

    private void fill() {
        list.getChildren().clear();
        for (PictureModels.Choice choice : models.choices()) {
            Button row = row(Feather.BOX, ModelName.of(choice.name(), messages), () -> models.choose(choice));
            list.getChildren().add(row);
        }
        if (!models.choices().isEmpty()) {
            list.getChildren().add(new Separator());
        }
        list.getChildren().add(row(Feather.FOLDER, messages.text("models.open-folder"), this::chooseFolder));
    }

    private Button row(Feather icon, String name, Runnable action) {
        Button row = Buttons.bordered(name, () -> {
            popover.hide();
            action.run();
        });
        row.getStyleClass().add("picker-row");
        row.setGraphic(Icons.control(icon));
        row.setMinWidth(0);
        row.setMaxWidth(LIST_WIDTH);
        return row;
    }

    /** Asks the person for a model's folder. */
    void chooseFolder() {
        DirectoryChooser chooser = new DirectoryChooser();
        chooser.setTitle(messages.text("models.choose-folder"));
        File chosen = chooser.showDialog(getScene().getWindow());
        if (chosen != null) {
            models.chooseFolder(chosen.toPath());
        }
    }

    private static Node dot(String kind) {
        Region dot = new Region();
        dot.getStyleClass().addAll("dot", kind);
        return dot;
    }
}
