package studio.atelier.app.images;

import java.util.BitSet;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.scene.Cursor;
import javafx.scene.image.ImageView;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import studio.atelier.engine.image.PictureMask;

/**
 * Over a picture: what is painted with the mouse is to change. Painted dots are kept on a field that is stretched over the
 * picture. The arrow keys move the brush, the space bar paints.
 */
final class BrushLayer extends Region {
    /** Dots a side. */
    private static final int SIDE = 256;

    /** Of the brush, as a share of the picture's shorter side. */
    private static final double RADIUS = 0.05;

    private static final double KEY_STEP = 0.05;

    /** Seen on every picture, whatever its colours; half transparent. */
    private static final int TINT = 0xFFD6336C;

    private final BitSet painted = new BitSet(SIDE * SIDE);
    private final WritableImage dots = new WritableImage(SIDE, SIDE);
    private final ImageView view = new ImageView(dots);
    private final Region brush = new Region();
    private final Consumer<Optional<PictureMask>> changed;
    private double brushX = 0.5;
    private double brushY = 0.5;

    /** @param changed told what is painted over by now */
    BrushLayer(Consumer<Optional<PictureMask>> changed) {
        this.changed = changed;
        view.setOpacity(0.5);
        view.setSmooth(false);
        brush.getStyleClass().add("brush-tip");
        brush.setMouseTransparent(true);
        brush.setManaged(false);
        getChildren().setAll(view, brush);
        setId("brush-layer");
        setCursor(Cursor.CROSSHAIR);
        setFocusTraversable(true);
        setOnMouseMoved(event -> move(event.getX() / getWidth(), event.getY() / getHeight()));
        setOnMousePressed(event -> {
            requestFocus();
            paint(event.getX() / getWidth(), event.getY() / getHeight());
            event.consume();
        });
        setOnMouseDragged(event -> {
            paint(event.getX() / getWidth(), event.getY() / getHeight());
            event.consume();
        });
        // The picture under it would be dragged out otherwise.
        setOnDragDetected(event -> event.consume());
        setOnMouseReleased(_ -> tell());
        setOnKeyPressed(this::key);
    }

    private void key(KeyEvent event) {
        KeyCode code = event.getCode();
        if (code == KeyCode.SPACE) {
            paint(brushX, brushY);
            tell();
        } else if (code.isArrowKey()) {
            double across = code == KeyCode.LEFT ? -KEY_STEP : code == KeyCode.RIGHT ? KEY_STEP : 0;
            double down = code == KeyCode.UP ? -KEY_STEP : code == KeyCode.DOWN ? KEY_STEP : 0;
            move(brushX + across, brushY + down);
        } else {
            return;
        }
        event.consume();
    }

    private void move(double x, double y) {
        brushX = Math.clamp(x, 0, 1);
        brushY = Math.clamp(y, 0, 1);
        requestLayout();
    }

    /** Shares of the picture's width and height. */
    private void paint(double x, double y) {
        move(x, y);
        double radius = radius();
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                double across = ((column + 0.5) / SIDE - brushX) * getWidth();
                double down = ((row + 0.5) / SIDE - brushY) * getHeight();
                if (across * across + down * down <= radius * radius) {
                    painted.set(row * SIDE + column);
                    dots.getPixelWriter().setArgb(column, row, TINT);
                }
            }
        }
    }

    private double radius() {
        return RADIUS * Math.min(getWidth(), getHeight());
    }

    private void tell() {
        changed.accept(painted.isEmpty() ? Optional.empty() : Optional.of(PictureMask.of(SIDE, SIDE, painted)));
    }

    /** Takes all paint away. */
    void clear() {
        painted.clear();
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                dots.getPixelWriter().setArgb(column, row, 0);
            }
        }
    }

    @Override
    protected void layoutChildren() {
        view.setFitWidth(getWidth());
        view.setFitHeight(getHeight());
        double radius = radius();
        brush.resizeRelocate(brushX * getWidth() - radius, brushY * getHeight() - radius, 2 * radius, 2 * radius);
    }
}
