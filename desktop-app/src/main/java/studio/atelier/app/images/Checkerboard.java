package studio.atelier.app.images;

import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;

/** What stands behind transparency: light in both colourings, or a picture would look different in each. */
final class Checkerboard extends Region {
    private static final Color LIGHT = Color.web("#ffffff");
    private static final Color SHADE = Color.web("#e9e9ee");

    private final double square;
    private final Canvas canvas = new Canvas();

    Checkerboard(double square) {
        this.square = square;
        getChildren().add(canvas);
        setMouseTransparent(true);
    }

    @Override
    protected void layoutChildren() {
        double width = getWidth();
        double height = getHeight();
        if (canvas.getWidth() == width && canvas.getHeight() == height) {
            return;
        }
        canvas.setWidth(width);
        canvas.setHeight(height);
        GraphicsContext pen = canvas.getGraphicsContext2D();
        pen.setFill(LIGHT);
        pen.fillRect(0, 0, width, height);
        pen.setFill(SHADE);
        for (int row = 0; row * square < height; row++) {
            for (int column = row % 2; column * square < width; column += 2) {
                pen.fillRect(column * square, row * square, square, square);
            }
        }
    }
}
