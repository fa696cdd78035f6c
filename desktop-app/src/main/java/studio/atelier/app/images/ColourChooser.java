package studio.atelier.app.images;

import java.util.function.IntConsumer;
import javafx.scene.Node;
import javafx.scene.control.Slider;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.paint.Color;
import javafx.scene.paint.CycleMethod;
import javafx.scene.paint.LinearGradient;
import javafx.scene.paint.Stop;
import javafx.scene.shape.Circle;
import javafx.scene.shape.Rectangle;

/** A field of saturation and brightness, and a slider of hue. */
final class ColourChooser extends VBox {
    private static final double WIDTH = 208;
    private static final double HEIGHT = 132;

    private final Rectangle hueGround = new Rectangle(WIDTH, HEIGHT);
    private final Circle mark = new Circle(6, Color.TRANSPARENT);
    private final Slider hue = new Slider(0, 359, 0);
    private final IntConsumer chosen;
    private double saturation;
    private double brightness;

    ColourChooser(int rgb, IntConsumer chosen) {
        super(10);
        this.chosen = chosen;
        Color begin = Color.rgb(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
        saturation = begin.getSaturation();
        brightness = begin.getBrightness();
        hue.setValue(begin.getHue());
        mark.setStroke(Color.WHITE);
        mark.setStrokeWidth(2);
        mark.setManaged(false);
        Rectangle white = new Rectangle(WIDTH, HEIGHT);
        white.setFill(gradient(1, 0, Color.WHITE, Color.TRANSPARENT));
        Rectangle black = new Rectangle(WIDTH, HEIGHT);
        black.setFill(gradient(0, 1, Color.TRANSPARENT, Color.BLACK));
        StackPane field = new StackPane(hueGround, white, black, mark);
        field.setMaxSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
        field.setClip(new Rectangle(WIDTH, HEIGHT));
        field.setOnMousePressed(event -> pick(event.getX(), event.getY()));
        field.setOnMouseDragged(event -> pick(event.getX(), event.getY()));
        hue.valueProperty().addListener(_ -> {
            place();
            tell();
        });
        getChildren().setAll((Node) field, hue);
        place();
    }

    private static LinearGradient gradient(double x, double y, Color from, Color to) {
        return new LinearGradient(0, 0, x, y, true, CycleMethod.NO_CYCLE, new Stop(0, from), new Stop(1, to));
    }

    private void pick(double x, double y) {
        saturation = Math.clamp(x / WIDTH, 0, 1);
        brightness = 1 - Math.clamp(y / HEIGHT, 0, 1);
        place();
        tell();
    }

    private void place() {
        hueGround.setFill(Color.hsb(hue.getValue(), 1, 1));
        mark.setCenterX(saturation * WIDTH);
        mark.setCenterY((1 - brightness) * HEIGHT);
    }

    private void tell() {
        Color colour = Color.hsb(hue.getValue(), saturation, brightness);
        chosen.accept((int) Math.round(colour.getRed() * 255) << 16
                | (int) Math.round(colour.getGreen() * 255) << 8
                | (int) Math.round(colour.getBlue() * 255));
    }
}
