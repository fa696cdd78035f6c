package studio.atelier.app.images;

import javafx.scene.control.ContentDisplay;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import studio.atelier.app.i18n.Messages;
import studio.atelier.engine.image.PictureSize;

/** The forms that a picture can have, each drawn in its form. */
final class RatioChips extends HBox {
    private static final double LONG_SIDE = 22;
    private static final double SQUARE_SIDE = 17;

    RatioChips(ImagesViewModel images, Messages messages) {
        super(6);
        ToggleGroup group = new ToggleGroup();
        for (PictureSize form : Orders.FORMS) {
            ToggleButton chip = chip(form, messages);
            chip.setToggleGroup(group);
            chip.setOnAction(_ ->
                    images.recipeProperty().set(images.recipeProperty().get().withSize(form)));
            images.recipeProperty()
                    .subscribe(recipe -> chip.setSelected(recipe.size().equals(form)));
            getChildren().add(chip);
            HBox.setHgrow(chip, Priority.ALWAYS);
        }
        group.selectedToggleProperty().addListener((_, old, chosen) -> {
            if (chosen == null && old != null) {
                // One form is always chosen.
                old.setSelected(true);
            }
        });
    }

    private static ToggleButton chip(PictureSize form, Messages messages) {
        Region shape = new Region();
        shape.getStyleClass().add("ratio-shape");
        double longest = form.width() == form.height() ? SQUARE_SIDE : LONG_SIDE;
        double scale = longest / Math.max(form.width(), form.height());
        shape.setMinSize(form.width() * scale, form.height() * scale);
        shape.setMaxSize(form.width() * scale, form.height() * scale);
        ToggleButton chip = new ToggleButton(form.toString(), shape);
        chip.setContentDisplay(ContentDisplay.TOP);
        chip.getStyleClass().add("ratio-chip");
        chip.setMaxWidth(Double.MAX_VALUE);
        chip.setMinWidth(0);
        chip.setPrefWidth(47);
        chip.setAccessibleText(messages.text("images.ratio") + " " + form);
        return chip;
    }
}
