package studio.atelier.app.images;

import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;

/** What stands where the picture will be: what can be done, and prompts to begin with or the way to a model. */
final class EmptyEasel extends VBox {
    private static final double WIDTH = 400;

    EmptyEasel(ImagesViewModel images, ImagesView.Commands commands, Messages messages) {
        super(8);
        setAlignment(Pos.CENTER);
        setMaxWidth(WIDTH);
        VBox below = new VBox(8);
        below.setAlignment(Pos.CENTER);
        below.setStyle("-fx-padding: 12 0 0 0");
        getChildren()
                .setAll(
                        Icons.large(Feather.IMAGE),
                        Labels.of(messages.text("images.empty.title"), "step-title"),
                        centred(messages.text("images.empty.text")),
                        below);
        images.models()
                .chosenProperty()
                .subscribe(chosen -> below.getChildren()
                        .setAll(chosen.isPresent() ? prompts(images, messages) : List.of(find(commands, messages))));
    }

    private static Node centred(String text) {
        var label = Labels.wrapped(text, "muted");
        label.setStyle("-fx-text-alignment: center");
        return label;
    }

    private static List<Node> prompts(ImagesViewModel images, Messages messages) {
        return List.of(1, 2, 3).stream()
                .map(number -> messages.text("images.empty.prompt." + number))
                .<Node>map(prompt -> {
                    Button chip = new Button(prompt);
                    chip.getStyleClass().addAll("prompt-chip", "picture-prompt");
                    chip.setWrapText(true);
                    chip.setMaxWidth(WIDTH);
                    chip.setOnAction(_ -> {
                        images.recipeProperty()
                                .set(images.recipeProperty().get().withPrompt(prompt));
                        images.draw();
                    });
                    return chip;
                })
                .toList();
    }

    private static Node find(ImagesView.Commands commands, Messages messages) {
        HBox buttons = new HBox(
                8,
                Buttons.primary(messages.text("images.model.find"), commands::findModels),
                Buttons.bordered(messages.text("models.open-folder"), commands::chooseFolder));
        buttons.setAlignment(Pos.CENTER);
        return buttons;
    }
}
