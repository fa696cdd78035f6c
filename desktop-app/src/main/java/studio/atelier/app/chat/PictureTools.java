package studio.atelier.app.chat;

import java.io.File;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.image.ImageView;
import javafx.scene.input.DragEvent;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.HBox;
import javafx.stage.FileChooser;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** Pictures in the composer: one that goes with the message, and whether the answer is to be one. */
final class PictureTools extends HBox {
    private static final double SIDE = 22;

    PictureTools(ChatViewModel chat, Messages messages) {
        super(4);
        setAlignment(Pos.CENTER_LEFT);
        PictureAnswers pictures = chat.pictures();
        Button attach = Buttons.icon(Feather.PAPERCLIP, messages.text("composer.attach"), () -> choose(chat));
        attach.setId("attach");
        Button draw = Buttons.icon(
                Feather.IMAGE,
                messages.text("composer.draw"),
                () -> pictures.drawsProperty().set(!pictures.drawsProperty().get()));
        draw.setId("answer-with-picture");
        pictures.drawsProperty().subscribe(on -> Buttons.mark(draw, on));
        HBox chip = new HBox(4);
        chip.setAlignment(Pos.CENTER_LEFT);
        getChildren().setAll(attach, draw, chip);
        pictures.attachedProperty().subscribe(attached -> {
            chip.getChildren().clear();
            attached.ifPresent(name -> {
                ImageView view = new ImageView(pictures.fileOf(name).toUri().toString());
                view.setPreserveRatio(true);
                view.setFitHeight(SIDE);
                chip.getChildren()
                        .setAll(
                                view,
                                Labels.of(messages.text("composer.attached"), "muted", "small-text"),
                                Buttons.icon(
                                        Feather.X,
                                        messages.text("composer.detach"),
                                        () -> pictures.attachedProperty().set(java.util.Optional.empty())));
            });
        });
    }

    /** Takes pictures in that are dropped on a part of the window. */
    static void acceptDrops(javafx.scene.Node composer, ChatViewModel chat) {
        composer.setOnDragOver(event -> {
            if (event.getDragboard().hasFiles()) {
                event.acceptTransferModes(TransferMode.COPY);
                event.consume();
            }
        });
        composer.setOnDragDropped((DragEvent event) -> {
            List<File> files = event.getDragboard().getFiles();
            if (!files.isEmpty()) {
                chat.attach(files.getFirst().toPath());
                event.setDropCompleted(true);
                event.consume();
            }
        });
    }

    private void choose(ChatViewModel chat) {
        FileChooser chooser = new FileChooser();
        chooser.getExtensionFilters()
                .setAll(new FileChooser.ExtensionFilter("PNG, JPEG", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.bmp"));
        File chosen = chooser.showOpenDialog(getScene().getWindow());
        if (chosen != null) {
            chat.attach(chosen.toPath());
        }
    }
}
