package studio.atelier.app.images;

import javafx.scene.Cursor;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.Region;
import javafx.scene.shape.Rectangle;

/** The version before, laid over the left part of a picture up to an edge that is dragged or moved with the arrow keys. */
final class Curtain extends Region {
    private static final double KEY_STEP = 0.05;

    private final Checkerboard ground = new Checkerboard(10);
    private final ImageView before = new ImageView();
    private final Region edge = new Region();
    private final Rectangle cut = new Rectangle();
    private double position = 0.5;

    Curtain() {
        edge.getStyleClass().add("curtain-edge");
        before.setClip(cut);
        Rectangle groundCut = new Rectangle();
        groundCut.widthProperty().bind(cut.widthProperty());
        groundCut.heightProperty().bind(cut.heightProperty());
        ground.setClip(groundCut);
        getChildren().setAll(ground, before, edge);
        setCursor(Cursor.H_RESIZE);
        setFocusTraversable(true);
        getStyleClass().add("curtain");
        setId("curtain");
        setOnMousePressed(event -> move(event.getX() / getWidth()));
        setOnMouseDragged(event -> move(event.getX() / getWidth()));
        setOnKeyPressed(event -> {
            if (event.getCode() == KeyCode.LEFT || event.getCode() == KeyCode.RIGHT) {
                move(position + (event.getCode() == KeyCode.LEFT ? -KEY_STEP : KEY_STEP));
                event.consume();
            }
        });
    }

    void show(Image image) {
        before.setImage(image);
        move(0.5);
    }

    /** Where the edge stands, 0 left to 1 right. */
    double position() {
        return position;
    }

    private void move(double to) {
        position = Math.clamp(to, 0, 1);
        requestLayout();
    }

    @Override
    protected void layoutChildren() {
        double x = position * getWidth();
        ground.resizeRelocate(0, 0, getWidth(), getHeight());
        before.setFitWidth(getWidth());
        before.setFitHeight(getHeight());
        cut.setWidth(x);
        cut.setHeight(getHeight());
        edge.resizeRelocate(x - 1, 0, 2, getHeight());
    }
}
