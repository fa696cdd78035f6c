package studio.atelier.app.images;

import javafx.scene.Node;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.library.SavedPicture;

/** The part of the window about pictures: what is set together, the picture, and the thread of its edits. */
public final class ImagesView extends HBox {
    /** What the panel asks of the parts of the window that it does not know. */
    public interface Window {
        /** Goes where models are found. */
        void findModels();

        /** Says something that needs no answer. */
        void notice(String text);

        /** Says something that can be undone. */
        void offerUndo(String text, Runnable undo);

        /** Lays a sheet over the window. */
        void showSheet(Node sheet);

        void hideSheet();
    }

    private final ImagesViewModel images;
    private final Messages messages;
    private final Window window;
    private final PictureModelPicker picker;
    private final BuilderView builder;
    private final EaselView easel;
    private final ThreadView thread;

    public ImagesView(ImagesViewModel images, Window window, Messages messages) {
        this.images = images;
        this.messages = messages;
        this.window = window;
        setId("images");
        getStyleClass().add("images");
        Commands commands = new Commands();
        picker = new PictureModelPicker(images.models(), messages);
        builder = new BuilderView(images, picker, messages);
        easel = new EaselView(images, commands, messages);
        thread = new ThreadView(images, commands, messages);
        HBox.setHgrow(easel, Priority.ALWAYS);
        getChildren().setAll(builder, easel, thread);
        Drops.accept(builder, files -> images.bring(files.getFirst(), commands::brought));
        images.whenNoticed(key -> window.notice(messages.text(key)));
        addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE
                    && images.stateProperty().get().busy()) {
                event.consume();
                images.stop();
            }
        });
    }

    /** Puts the cursor where the picture is described. */
    @Override
    public void requestFocus() {
        builder.focusPrompt();
    }

    /** Asks where the picture on the screen is to be saved. */
    public void save() {
        easel.save();
    }

    /** What parts of the panel ask of each other and of the window. */
    final class Commands {
        void edit() {
            thread.focusComposer();
        }

        void findModels() {
            window.findModels();
        }

        void chooseFolder() {
            picker.chooseFolder();
        }

        void notice(String text) {
            window.notice(text);
        }

        void brought(boolean told) {
            window.notice(messages.text(told ? "images.notice.restored" : "images.notice.brought"));
        }

        void delete(SavedPicture picture) {
            images.delete(picture);
            window.offerUndo(messages.text("images.deleted"), () -> images.restore(picture));
        }

        void showGallery() {
            GallerySheet sheet = new GallerySheet(images, this, messages, window::hideSheet);
            window.showSheet(sheet);
            sheet.focusFirst();
        }
    }
}
