package studio.atelier.app.images;

import java.util.Optional;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.TextField;
import javafx.scene.layout.StackPane;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.i18n.Messages;

/** The seed: drawn anew for each picture, or locked to what stands here. */
final class SeedField extends StackPane {
    private final ImagesViewModel images;
    private final TextField digits = new TextField();
    private final Button lock;

    SeedField(ImagesViewModel images, Messages messages) {
        this.images = images;
        lock = Buttons.icon(Feather.UNLOCK, messages.text("images.seed-lock"), this::flip);
        lock.setId("seed-lock");
        digits.setId("seed");
        digits.setPromptText(messages.text("images.seed-any"));
        digits.setAccessibleText(messages.text("images.seed"));
        digits.setMinWidth(0);
        digits.textProperty().addListener((_, old, text) -> typed(old, text));
        getChildren().setAll(digits, lock);
        setAlignment(lock, Pos.CENTER_RIGHT);
        images.recipeProperty().subscribe(recipe -> show(recipe.seed()));
    }

    private void typed(String old, String text) {
        if (text.isEmpty()) {
            set(Optional.empty());
        } else if (text.matches("\\d{1,18}")) {
            set(Optional.of(Long.parseLong(text)));
        } else {
            digits.setText(old);
        }
    }

    /** Locks the seed of the picture that is looked at, or unlocks. */
    private void flip() {
        Recipe recipe = images.recipeProperty().get();
        if (recipe.seed().isPresent()) {
            set(Optional.empty());
        } else {
            images.shownProperty().get().ifPresent(picture -> set(Optional.of(picture.seed())));
        }
    }

    private void set(Optional<Long> seed) {
        Recipe recipe = images.recipeProperty().get();
        if (!recipe.seed().equals(seed)) {
            images.recipeProperty().set(recipe.withSeed(seed));
        }
    }

    private void show(Optional<Long> seed) {
        String text = seed.map(String::valueOf).orElse("");
        if (!text.equals(digits.getText())) {
            digits.setText(text);
        }
        lock.setGraphic(Icons.inline(seed.isPresent() ? Feather.LOCK : Feather.UNLOCK));
        lock.getStyleClass().remove("locked");
        if (seed.isPresent()) {
            lock.getStyleClass().add("locked");
        }
    }
}
