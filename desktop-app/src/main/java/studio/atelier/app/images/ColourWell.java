package studio.atelier.app.images;

import atlantafx.base.controls.Popover;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import studio.atelier.app.i18n.Messages;
import studio.atelier.engine.image.Colours;

/** A colour as a well and as hex digits; each writes the other. */
final class ColourWell extends HBox {
    private final Region swatch = new Region();
    private final TextField hex = new TextField();
    private final IntConsumer changed;
    private int rgb;

    /** @param changed told a colour that the person chose */
    ColourWell(int rgb, Messages messages, IntConsumer changed) {
        super(8);
        this.changed = changed;
        setAlignment(Pos.CENTER_LEFT);
        swatch.getStyleClass().add("swatch");
        Button well = new Button();
        well.setGraphic(swatch);
        well.getStyleClass().add("colour-well");
        well.setAccessibleText(messages.text("images.colour.choose"));
        well.setOnAction(_ -> choose(well));
        hex.getStyleClass().addAll("hex-field", "code-text");
        hex.setAccessibleText(messages.text("images.colour.hex"));
        hex.setPrefWidth(76);
        hex.setMinWidth(76);
        hex.textProperty().addListener((_, _, text) -> typed(text));
        hex.focusedProperty().addListener((_, _, writing) -> {
            if (!writing) {
                show(this.rgb);
            }
        });
        getChildren().setAll(well, hex);
        show(rgb);
    }

    /** Shows another colour. */
    void show(int colour) {
        rgb = colour;
        paint();
        String text = Colours.hex(colour).toUpperCase(java.util.Locale.ROOT);
        if (!hex.isFocused() && !hex.getText().equals(text)) {
            hex.setText(text);
        }
        mark(false);
    }

    private void typed(String text) {
        OptionalInt read = Colours.parse(text);
        mark(read.isEmpty());
        if (read.isPresent() && read.getAsInt() != rgb) {
            rgb = read.getAsInt();
            paint();
            changed.accept(rgb);
        }
    }

    private void mark(boolean wrong) {
        hex.getStyleClass().remove("wrong");
        if (wrong) {
            hex.getStyleClass().add("wrong");
        }
    }

    private void paint() {
        // A colour of the person's, not of the window's.
        swatch.setStyle("-fx-background-color: " + Colours.hex(rgb));
    }

    private void choose(Button well) {
        ColourChooser chooser = new ColourChooser(rgb, colour -> {
            show(colour);
            hex.setText(Colours.hex(colour).toUpperCase(java.util.Locale.ROOT));
            changed.accept(colour);
        });
        Popover popover = new Popover(chooser);
        popover.setDetachable(false);
        popover.setArrowSize(0);
        popover.show(well);
    }
}
