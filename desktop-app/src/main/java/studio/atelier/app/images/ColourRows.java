package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.i18n.Messages;

/** The colours of the next picture: a well, its digits, and what has this colour. */
final class ColourRows extends VBox {
    /** Further apart in hue than people confuse them. */
    private static final List<Integer> NEXT = List.of(0xE0567A, 0xF2B441, 0x3B8B5A, 0x1F63D6, 0x22313F, 0x8A5BD6);

    private static final int MOST = 8;

    private final ImagesViewModel images;
    private final Messages messages;
    private int shownRows = -1;

    ColourRows(ImagesViewModel images, Messages messages) {
        super(4);
        this.images = images;
        this.messages = messages;
        images.recipeProperty().subscribe(this::show);
    }

    /** One more row. */
    void add() {
        List<Recipe.Colour> all = new ArrayList<>(recipe().colours());
        if (all.size() < MOST) {
            all.add(new Recipe.Colour(NEXT.get(all.size() % NEXT.size()), ""));
            images.recipeProperty().set(recipe().withColours(all));
        }
    }

    private Recipe recipe() {
        return images.recipeProperty().get();
    }

    /** Rows are made anew only when there are others, so that nobody loses the cursor. */
    private void show(Recipe recipe) {
        if (recipe.colours().size() != shownRows) {
            shownRows = recipe.colours().size();
            getChildren().clear();
            for (int i = 0; i < shownRows; i++) {
                getChildren().add(row(i, recipe.colours().get(i)));
            }
        }
    }

    private Node row(int index, Recipe.Colour colour) {
        ColourWell well = new ColourWell(
                colour.rgb(),
                messages,
                rgb -> set(
                        index,
                        new Recipe.Colour(rgb, recipe().colours().get(index).what())));
        TextField what = new TextField(colour.what());
        what.getStyleClass().add("quiet-field");
        what.setPromptText(messages.text("images.colour.what"));
        what.setAccessibleText(messages.text("images.colour.what-name"));
        what.setMinWidth(0);
        what.textProperty()
                .addListener((_, _, text) -> set(
                        index, new Recipe.Colour(recipe().colours().get(index).rgb(), text)));
        HBox.setHgrow(what, Priority.ALWAYS);
        HBox row = new HBox(6, well, what, Buttons.icon(Feather.X, messages.text("images.colour.remove"), () -> {
            List<Recipe.Colour> all = new ArrayList<>(recipe().colours());
            all.remove(index);
            shownRows = -1;
            images.recipeProperty().set(recipe().withColours(all));
        }));
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }

    private void set(int index, Recipe.Colour colour) {
        List<Recipe.Colour> all = new ArrayList<>(recipe().colours());
        all.set(index, colour);
        images.recipeProperty().set(recipe().withColours(all));
    }
}
