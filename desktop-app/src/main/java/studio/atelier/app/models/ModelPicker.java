package studio.atelier.app.models;

import atlantafx.base.controls.Popover;
import atlantafx.base.controls.RingProgressIndicator;
import java.io.File;
import java.nio.file.Path;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Separator;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.stage.DirectoryChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;
import studio.atelier.app.running.ModelState;
import studio.atelier.engine.LoadProgress;

/** The model's name and state in the header; a click lists the models, and one button beside it names one action. */
public final class ModelPicker extends HBox {
    private static final double LIST_WIDTH = 340;

    private final ModelPickerViewModel models;
    private final Messages messages;
    private final Quantities quantities;
    private final HBox face = new HBox(8);
    private final Button button = new Button();
    private final Button action;
    private final VBox list = new VBox(2);
    private final Popover popover = new Popover(list);

    public ModelPicker(ModelPickerViewModel models, Messages messages) {
        super(8);
        this.models = models;
        this.messages = messages;
        this.quantities = new Quantities(messages);
        setAlignment(Pos.CENTER);
        setMinWidth(Region.USE_PREF_SIZE);
        face.setAlignment(Pos.CENTER_LEFT);
        button.setId("model-picker");
        button.getStyleClass().add("model-picker");
        button.setGraphic(face);
        button.setOnAction(_ -> showList());
        action = Buttons.flat("", models::act);
        action.setId("model-action");
        list.setPrefWidth(LIST_WIDTH);
        list.setMaxWidth(LIST_WIDTH);
        popover.setArrowLocation(Popover.ArrowLocation.TOP_CENTER);
        popover.setArrowSize(0);
        popover.setDetachable(false);
        getChildren().setAll(button, action);
        models.stateProperty().subscribe(this::show);
        models.known().addListener((ListChangeListener<KnownModel>) _ -> fillList());
        fillList();
    }

    /** Opens the list of models, or closes it. */
    public void showList() {
        if (popover.isShowing()) {
            popover.hide();
        } else {
            popover.show(button);
        }
    }

    /** Gives the keyboard to the model's name. */
    public void focusPicker() {
        button.requestFocus();
    }

    /** Asks the person for a folder and opens it. */
    public void chooseFolder() {
        popover.hide();
        DirectoryChooser chooser = new DirectoryChooser();
        chooser.setTitle(messages.text("models.choose-folder"));
        File chosen = chooser.showDialog(getScene().getWindow());
        if (chosen != null) {
            models.open(chosen.toPath());
        }
    }

    private void show(ModelState state) {
        switch (state) {
            case ModelState.None _ -> {
                String name = models.last().map(models::nameOf).orElse(messages.text("models.none"));
                write(dot("none"), name, "", messages.text("models.stopped"), "muted");
                name(messages.text("models.load"));
            }
            case ModelState.Loading loading -> {
                LoadProgress progress = loading.progress();
                String percent = progress.totalBytes() == 0
                        ? ""
                        : " " + quantities.percent((double) progress.readBytes() / progress.totalBytes());
                String word = messages.text("models.loading") + percent;
                write(ring(), models.nameOf(loading.folder()), "", word, "accent-text");
                name(messages.text("models.cancel"));
            }
            case ModelState.Open open -> {
                String name = models.nameOf(open.info().folder());
                write(
                        dot("running"),
                        name,
                        quantization(open.info().quantization()),
                        messages.text("models.running"),
                        "success-text");
                name(messages.text("models.unload"));
            }
            case ModelState.Refused refused -> {
                write(dot("none"), models.nameOf(refused.folder()), "", messages.text("models.refused"), "danger-text");
                name(messages.text("models.try-again"));
            }
        }
        action.setDisable(state instanceof ModelState.None && models.last().isEmpty());
    }

    private void write(Node mark, String name, String quantization, String word, String role) {
        face.getChildren().setAll(mark, Labels.of(name, "strong"));
        if (!quantization.isEmpty()) {
            face.getChildren().add(Labels.of(quantization, "muted"));
        }
        Label state = Labels.of(word, "medium", role);
        face.getChildren().addAll(Labels.of("·", "subtle"), state, Icons.inline(Feather.CHEVRON_DOWN));
        button.setAccessibleText(messages.text("models.picker") + ": " + name + ", " + word);
    }

    private void name(String act) {
        action.setText(act);
    }

    /** "4-bit" reads otherwise in other languages; names of number formats do not. */
    private String quantization(String inEnglish) {
        return inEnglish.matches("\\d+-bit")
                ? messages.text("models.bits", inEnglish.substring(0, inEnglish.indexOf('-')))
                : inEnglish;
    }

    private void fillList() {
        list.getChildren().clear();
        for (KnownModel model : models.known()) {
            list.getChildren().add(row(model));
        }
        Separator line = new Separator();
        Button open = Buttons.bordered(messages.text("models.open-folder"), this::chooseFolder);
        open.getStyleClass().add("picker-row");
        open.setGraphic(Icons.control(Feather.FOLDER));
        list.getChildren().addAll(line, open);
    }

    private Node row(KnownModel model) {
        String origin =
                switch (model.origin()) {
                    case INCLUDED -> messages.text("models.included");
                    case OPENED_BEFORE -> parentOf(model.folder());
                };
        VBox words = new VBox(Labels.of(model.name(), "medium"), Labels.of(origin, "subtle", "tiny-text"));
        HBox line = new HBox(8, Icons.control(Feather.BOX), words);
        line.setAlignment(Pos.CENTER_LEFT);
        Button row = new Button();
        row.getStyleClass().add("picker-row");
        row.setGraphic(line);
        row.setMaxWidth(LIST_WIDTH);
        row.setAccessibleText(model.name());
        row.setOnAction(_ -> {
            popover.hide();
            models.open(model.folder());
        });
        return row;
    }

    private static String parentOf(Path folder) {
        Path parent = folder.getParent();
        return parent == null ? folder.toString() : parent.toString();
    }

    private static Node dot(String kind) {
        Region dot = new Region();
        dot.getStyleClass().addAll("dot", kind);
        return dot;
    }

    private static Node ring() {
        RingProgressIndicator ring = new RingProgressIndicator();
        ring.setMaxSize(12, 12);
        return ring;
    }
}
