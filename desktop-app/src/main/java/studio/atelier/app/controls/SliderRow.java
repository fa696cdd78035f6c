package studio.atelier.app.controls;

import atlantafx.base.controls.ProgressSliderSkin;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleFunction;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

/** A named slider with its value beside it in a box of fixed width, so that nothing jumps. */
public final class SliderRow extends HBox {
    private static final double NAME_WIDTH = 84;
    private static final double VALUE_WIDTH = 40;

    private final Slider slider;

    /** @param steps the values a slider stops at lie this far apart */
    public SliderRow(
            String name, double least, double most, double steps, DoubleFunction<String> show, DoubleConsumer changed) {
        super(12);
        setAlignment(Pos.CENTER_LEFT);
        setMinHeight(26);
        Label label = Labels.of(name, "muted", "small-text");
        label.setMinWidth(NAME_WIDTH);
        Label value = Labels.of("", "small-text");
        value.setMinWidth(VALUE_WIDTH);
        value.setAlignment(Pos.CENTER_RIGHT);
        slider = new Slider(least, most, least);
        slider.setSkin(new ProgressSliderSkin(slider));
        slider.getStyleClass().add("progress-slider");
        slider.setBlockIncrement(steps);
        slider.setAccessibleText(name);
        label.setLabelFor(slider);
        HBox.setHgrow(slider, Priority.ALWAYS);
        slider.valueProperty().subscribe(raw -> value.setText(show.apply(rounded(raw.doubleValue(), steps))));
        slider.valueProperty().addListener((_, _, raw) -> changed.accept(rounded(raw.doubleValue(), steps)));
        getChildren().setAll(label, slider, value);
    }

    public void setValue(double value) {
        slider.setValue(value);
    }

    private static double rounded(double raw, double steps) {
        return Math.round(raw / steps) * steps;
    }
}
