package studio.atelier.app.images;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Spinner;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.i18n.Messages;
import studio.atelier.engine.image.Colours;

/** The objects of the next picture and how many of each. */
final class ObjectRows extends VBox {
    private static final int MOST = 12;

    private final ImagesViewModel images;
    private final Messages messages;
    private final List<Region> dots = new ArrayList<>();
    private int shownRows = -1;

    ObjectRows(ImagesViewModel images, Messages messages) {
        super(4);
        this.images = images;
        this.messages = messages;
        images.recipeProperty().subscribe(this::show);
    }

    /** One more row, and the cursor in it. */
    void add() {
        List<Recipe.Thing> all = new ArrayList<>(recipe().objects());
        if (all.size() < MOST && all.stream().noneMatch(thing -> thing.name().isBlank())) {
            all.add(new Recipe.Thing("", 1));
            images.recipeProperty().set(recipe().withObjects(all));
            getChildren().getLast().lookup(".text-field").requestFocus();
        }
    }

    private Recipe recipe() {
        return images.recipeProperty().get();
    }

    private void show(Recipe recipe) {
        if (recipe.objects().size() != shownRows) {
            shownRows = recipe.objects().size();
            getChildren().clear();
            dots.clear();
            for (int i = 0; i < shownRows; i++) {
                getChildren().add(row(i, recipe.objects().get(i)));
            }
        }
        for (int i = 0; i < shownRows; i++) {
            String colour = RecipeWords.colourOf(recipe, recipe.objects().get(i))
                    .map(found -> "-fx-background-color: " + Colours.hex(found.rgb()))
                    .orElse("");
            dots.get(i).setStyle(colour);
        }
    }

    private Node row(int index, Recipe.Thing thing) {
        Region dot = new Region();
        dot.getStyleClass().addAll("object-dot");
        dots.add(dot);
        TextField name = new TextField(thing.name());
        name.getStyleClass().add("quiet-field");
        name.setPromptText(messages.text("images.object.name"));
        name.setAccessibleText(messages.text("images.object.name"));
        name.setMinWidth(0);
        name.textProperty()
                .addListener((_, _, text) -> set(
                        index,
                        new Recipe.Thing(text, recipe().objects().get(index).count())));
        HBox.setHgrow(name, Priority.ALWAYS);
        Spinner<Integer> count = new Spinner<>(1, Recipe.MOST_OBJECTS, thing.count());
        count.getStyleClass().addAll(Spinner.STYLE_CLASS_SPLIT_ARROWS_HORIZONTAL, "count");
        count.setPrefWidth(76);
        count.setMinWidth(76);
        count.setAccessibleText(messages.text("images.object.count"));
        count.valueProperty()
                .addListener((_, _, value) -> set(
                        index, new Recipe.Thing(recipe().objects().get(index).name(), value)));
        HBox row = new HBox(8, dot, name, count, Buttons.icon(Feather.X, messages.text("images.object.remove"), () -> {
            List<Recipe.Thing> all = new ArrayList<>(recipe().objects());
            all.remove(index);
            shownRows = -1;
            images.recipeProperty().set(recipe().withObjects(all));
        }));
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }

    private void set(int index, Recipe.Thing thing) {
        List<Recipe.Thing> all = new ArrayList<>(recipe().objects());
        all.set(index, thing);
        images.recipeProperty().set(recipe().withObjects(all));
    }
}
