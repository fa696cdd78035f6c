package studio.atelier.app.images;

import java.util.Optional;
import java.util.function.Consumer;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.layout.Region;
import studio.atelier.engine.image.PictureMask;

/**
 * One picture, as large as its place allows and in its form, over the checkerboard. While it is being drawn a line shows
 * how far it is from the top; with a second picture a curtain can be drawn between the two.
 */
final class PictureStage extends Region {
    private static final double MOST = 720;

    private final Checkerboard ground = new Checkerboard(10);
    private final ImageView view = new ImageView();
    private final Region frontier = new Region();
    private final Region frame = new Region();
    private final Curtain curtain = new Curtain();
    private final BrushLayer brush;
    private double form = 1;
    private double done = 1;
    private boolean shapes;

    /** @param painted told what is painted over with the brush */
    PictureStage(Consumer<Optional<PictureMask>> painted) {
        brush = new BrushLayer(painted);
        brush.setVisible(false);
        getStyleClass().add("stage");
        frontier.getStyleClass().add("frontier");
        frame.getStyleClass().add("stage-frame");
        frame.setMouseTransparent(true);
        view.setSmooth(true);
        curtain.setVisible(false);
        getChildren().setAll(ground, view, curtain, brush, frontier, frame);
        setMinSize(0, 0);
    }

    /** Shows a picture that is there. */
    void show(Image image) {
        done = 1;
        view.setImage(image);
        shapes = false;
        follow(image);
        compare(Optional.empty());
    }

    private void follow(Image image) {
        // A file is read beside the window; its form is known when it is there.
        if (image.getWidth() > 0) {
            form = image.getWidth() / image.getHeight();
            requestLayout();
        } else {
            image.widthProperty().subscribe(width -> {
                if (width.doubleValue() > 0 && view.getImage() == image) {
                    form = width.doubleValue() / Math.max(1, image.getHeight());
                    requestLayout();
                }
            });
            image.heightProperty().subscribe(height -> {
                if (height.doubleValue() > 0 && view.getImage() == image) {
                    form = image.getWidth() / height.doubleValue();
                    requestLayout();
                }
            });
        }
    }

    /** Shows a picture that is being drawn. */
    void show(EaselState.Drawing drawing) {
        form = drawing.partial()
                .map(partial -> (double) partial.width() / partial.height())
                .orElse(drawing.width());
        done = drawing.done();
        shapes = drawing.partial().isPresent();
        view.setImage(drawing.partial().map(FxPictures::of).orElse(null));
        compare(Optional.empty());
        requestLayout();
    }

    /** Lays another picture over the left part of this one; empty ends it. */
    void compare(Optional<Image> other) {
        curtain.setVisible(other.isPresent());
        other.ifPresent(curtain::show);
        requestLayout();
    }

    /** Lets things be painted over, or takes brush and paint away. */
    void brush(boolean on) {
        if (!on) {
            brush.clear();
        }
        brush.setVisible(on);
    }

    Curtain curtain() {
        return curtain;
    }

    @Override
    protected void layoutChildren() {
        double room = 24;
        double width = Math.max(1, Math.min(MOST, getWidth() - 2 * room));
        double height = Math.max(1, Math.min(MOST, getHeight() - 2 * room));
        double shownWidth = Math.min(width, height * form);
        double shownHeight = shownWidth / form;
        double x = Math.round((getWidth() - shownWidth) / 2);
        double y = Math.round((getHeight() - shownHeight) / 2);
        ground.resizeRelocate(x, y, shownWidth, shownHeight);
        view.setFitWidth(shownWidth);
        view.setFitHeight(shownHeight);
        view.relocate(x, y);
        curtain.resizeRelocate(x, y, shownWidth, shownHeight);
        brush.resizeRelocate(x, y, shownWidth, shownHeight);
        frame.resizeRelocate(x - 1, y - 1, shownWidth + 2, shownHeight + 2);
        frontier.setVisible(done < 1 && shapes);
        frontier.resizeRelocate(x, y + done * shownHeight - 1, shownWidth, 2);
    }
}
