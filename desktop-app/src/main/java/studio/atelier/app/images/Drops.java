package studio.atelier.app.images;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import javafx.scene.input.DragEvent;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.Region;

/** Files that are dropped on a part of the window. */
final class Drops {
    private Drops() {}

    /** Says what happens with files that are dropped here; the part lights up while they hover. */
    static void accept(Region place, Consumer<List<Path>> dropped) {
        place.addEventHandler(DragEvent.DRAG_OVER, event -> {
            if (event.getDragboard().hasFiles() && event.getGestureSource() == null) {
                event.acceptTransferModes(TransferMode.COPY);
                if (!place.getStyleClass().contains("drop-here")) {
                    place.getStyleClass().add("drop-here");
                }
                event.consume();
            }
        });
        place.addEventHandler(DragEvent.DRAG_EXITED, _ -> place.getStyleClass().remove("drop-here"));
        place.addEventHandler(DragEvent.DRAG_DROPPED, event -> {
            place.getStyleClass().remove("drop-here");
            List<File> files = event.getDragboard().getFiles();
            if (!files.isEmpty()) {
                dropped.accept(files.stream().map(File::toPath).toList());
                event.setDropCompleted(true);
                event.consume();
            }
        });
    }
}
