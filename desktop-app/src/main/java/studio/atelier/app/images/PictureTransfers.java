package studio.atelier.app.images;

import java.nio.file.Path;
import java.util.List;
import javafx.scene.Node;
import javafx.scene.image.Image;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.Dragboard;
import javafx.scene.input.TransferMode;
import studio.atelier.app.library.SavedPicture;

/** Pictures on their way out: into the clipboard, or dragged into another program. */
final class PictureTransfers {
    private static final int NAME_LETTERS = 40;

    private PictureTransfers() {}

    /** Puts the picture into the clipboard, as a picture and as its file. */
    static void copy(Path file) {
        Clipboard.getSystemClipboard().setContent(content(file));
    }

    /** Begins to drag it out. */
    static void dragOut(Node from, Path file) {
        Dragboard board = from.startDragAndDrop(TransferMode.COPY);
        board.setContent(content(file));
        board.setDragView(new Image(file.toUri().toString(), 96, 96, true, true));
    }

    private static ClipboardContent content(Path file) {
        ClipboardContent content = new ClipboardContent();
        content.putImage(new Image(file.toUri().toString()));
        content.putFiles(List.of(file.toFile()));
        return content;
    }

    /** A name to save under, from the words. */
    static String fileName(SavedPicture picture) {
        String words =
                picture.prompt().strip().replaceAll("[^\\p{L}\\p{N}]+", "-").replaceAll("^-|-$", "");
        String shortened = words.length() > NAME_LETTERS ? words.substring(0, NAME_LETTERS) : words;
        return (shortened.isEmpty() ? "picture" : shortened) + ".png";
    }
}
