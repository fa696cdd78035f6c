package studio.atelier.app.images;

import java.nio.file.Path;
import javafx.scene.image.Image;
import javafx.scene.image.PixelFormat;
import javafx.scene.image.WritableImage;
import studio.atelier.engine.image.Picture;

/** Pictures of the engine and of the disk, as the window shows them. */
final class FxPictures {
    private FxPictures() {}

    /** A picture in memory. */
    static WritableImage of(Picture picture) {
        WritableImage image = new WritableImage(picture.width(), picture.height());
        image.getPixelWriter()
                .setPixels(
                        0,
                        0,
                        picture.width(),
                        picture.height(),
                        PixelFormat.getIntArgbInstance(),
                        picture.pixels(),
                        0,
                        picture.width());
        return image;
    }

    /** A file, read beside the window. */
    static Image of(Path file) {
        return new Image(file.toUri().toString(), true);
    }

    /** A file read beside the window, no larger than this. */
    static Image small(Path file, double side) {
        return new Image(file.toUri().toString(), side * 2, side * 2, true, true, true);
    }
}
