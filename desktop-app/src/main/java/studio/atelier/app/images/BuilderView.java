package studio.atelier.app.images;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.engine.image.Background;

/** The column in which the next picture is set together. */
final class BuilderView extends VBox {
    private static final double WIDTH = 292;

    private final ImagesViewModel images;
    private final Messages messages;
    private final TextArea prompt = new TextArea();
    private final SeedField seed;

    BuilderView(ImagesViewModel images, PictureModelPicker picker, Messages messages) {
        this.images = images;
        this.messages = messages;
        getStyleClass().add("builder");
        setMinWidth(WIDTH);
        setPrefWidth(WIDTH);
        setMaxWidth(WIDTH);
        seed = new SeedField(images, messages);
        HBox header = new HBox(picker);
        header.getStyleClass().add("column-header");
        VBox body = new VBox(
                12,
                group("images.prompt", promptArea()),
                group("images.ratio", new RatioChips(images, messages)),
                colours(),
                objects(),
                background(),
                group("images.text", textField()),
                references(),
                choices());
        body.getStyleClass().add("builder-body");
        ScrollPane scroll = new ScrollPane(body);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        HBox footer = new HBox(new DrawButton(images, messages));
        footer.getStyleClass().add("builder-footer");
        HBox.setHgrow(footer.getChildren().getFirst(), Priority.ALWAYS);
        getChildren().setAll(header, scroll, footer);
    }

    void focusPrompt() {
        prompt.requestFocus();
        prompt.end();
    }

    private VBox group(String key, Node... content) {
        Label label = Labels.of(messages.text(key), "muted");
        VBox group = new VBox(6, label);
        group.getChildren().addAll(content);
        return group;
    }

    private HBox heading(String key, Node... behind) {
        HBox heading = new HBox(6, Labels.of(messages.text(key), "muted"), Labels.spacer());
        heading.getChildren().addAll(behind);
        heading.setAlignment(Pos.CENTER_LEFT);
        return heading;
    }

    private Node promptArea() {
        prompt.setId("image-prompt");
        prompt.setWrapText(true);
        prompt.setPrefRowCount(3);
        prompt.setMinHeight(70);
        prompt.setPrefHeight(70);
        prompt.setPromptText(messages.text("images.prompt-hint"));
        prompt.setAccessibleText(messages.text("images.prompt"));
        prompt.addEventFilter(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ENTER && event.isShortcutDown()) {
                event.consume();
                images.draw();
            }
        });
        prompt.textProperty().addListener((_, _, text) -> set(recipe().withPrompt(text)));
        images.recipeProperty().subscribe(recipe -> {
            if (!recipe.prompt().equals(prompt.getText())) {
                prompt.setText(recipe.prompt());
            }
        });
        return prompt;
    }

    private Node colours() {
        ColourRows rows = new ColourRows(images, messages);
        return new VBox(
                4,
                heading("images.colours", Buttons.icon(Feather.PLUS, messages.text("images.colour.add"), rows::add)),
                rows);
    }

    private Node objects() {
        ObjectRows rows = new ObjectRows(images, messages);
        Label count = Labels.of("", "subtle", "small-text");
        images.recipeProperty()
                .subscribe(recipe -> count.setText(
                        recipe.objects().isEmpty()
                                ? ""
                                : messages.text("images.objects-count", String.valueOf(recipe.objectCount()))));
        return new VBox(
                4,
                heading(
                        "images.objects",
                        count,
                        Buttons.icon(Feather.PLUS, messages.text("images.object.add"), rows::add)),
                rows);
    }

    private Node background() {
        ToggleGroup group = new ToggleGroup();
        ToggleButton automatic = segment("images.background.auto", group);
        ToggleButton plain = segment("images.background.colour", group);
        ToggleButton none = segment("images.background.transparent", group);
        none.setId("background-transparent");
        automatic.setOnAction(_ -> set(recipe().withBackground(new Background.Automatic())));
        plain.setOnAction(_ -> set(recipe().withBackground(new Background.Plain(recipe().backgroundColour()))));
        none.setOnAction(_ -> set(recipe().withBackground(new Background.Transparent())));
        HBox segments = new HBox(automatic, plain, none);
        segments.getStyleClass().add("segments");
        ColourWell well = new ColourWell(
                recipe().backgroundColour(), messages, rgb -> set(recipe().withBackground(new Background.Plain(rgb))));
        VBox all = group("images.background", segments, well);
        images.recipeProperty().subscribe(recipe -> {
            automatic.setSelected(recipe.background() instanceof Background.Automatic);
            plain.setSelected(recipe.background() instanceof Background.Plain);
            none.setSelected(recipe.background() instanceof Background.Transparent);
            well.setVisible(plain.isSelected());
            well.setManaged(plain.isSelected());
            well.show(recipe.backgroundColour());
        });
        return all;
    }

    private ToggleButton segment(String key, ToggleGroup group) {
        ToggleButton button = new ToggleButton(messages.text(key));
        button.setToggleGroup(group);
        button.setMaxWidth(Double.MAX_VALUE);
        button.setPrefWidth(80);
        HBox.setHgrow(button, Priority.ALWAYS);
        return button;
    }

    private Node textField() {
        TextField text = new TextField();
        text.setId("image-text");
        text.setAccessibleText(messages.text("images.text"));
        Label count = Labels.of("", "subtle", "small-text");
        count.setMouseTransparent(true);
        text.textProperty().addListener((_, old, now) -> {
            if (now.length() > Recipe.MOST_TEXT) {
                text.setText(old);
            } else {
                set(recipe().withText(now));
            }
        });
        images.recipeProperty().subscribe(recipe -> {
            if (!recipe.text().equals(text.getText())) {
                text.setText(recipe.text());
            }
            count.setText(
                    recipe.text().isEmpty()
                            ? ""
                            : messages.text(
                                    "images.text-count",
                                    String.valueOf(recipe.text().length()),
                                    String.valueOf(Recipe.MOST_TEXT)));
        });
        StackPane place = new StackPane(text, count);
        StackPane.setAlignment(count, Pos.CENTER_RIGHT);
        count.setTranslateX(-9);
        return place;
    }

    private Node references() {
        ReferenceRow row = new ReferenceRow(messages, images::addReference, gone -> {
            List<Recipe.Reference> left = new java.util.ArrayList<>(recipe().references());
            left.remove(gone);
            set(recipe().withReferences(left));
        });
        images.recipeProperty().subscribe(recipe -> row.show(recipe.references()));
        return group("images.references", row);
    }

    private Node choices() {
        ComboBox<Quality> quality = choice(List.of(Quality.values()), value -> messages.text(value.key()));
        quality.setAccessibleText(messages.text("images.quality"));
        quality.valueProperty().addListener((_, _, value) -> set(recipe().withQuality(value)));
        Tooltip meaning = new Tooltip();
        quality.setTooltip(meaning);
        Runnable explain = () -> meaning.setText(images.model()
                .map(model -> messages.text(recipe().quality().key(model)))
                .orElse(messages.text("images.quality")));
        images.models().running().stateProperty().subscribe(_ -> explain.run());
        ComboBox<Integer> count = choice(
                java.util.stream.IntStream.rangeClosed(1, Recipe.MOST_PICTURES)
                        .boxed()
                        .toList(),
                String::valueOf);
        count.setAccessibleText(messages.text("images.count"));
        count.valueProperty().addListener((_, _, value) -> set(recipe().withCount(value)));
        images.recipeProperty().subscribe(recipe -> {
            quality.setValue(recipe.quality());
            count.setValue(recipe.count());
            explain.run();
        });
        quality.setPrefWidth(94);
        count.setPrefWidth(62);
        VBox seeds = group("images.seed", seed);
        HBox.setHgrow(seeds, Priority.ALWAYS);
        return new HBox(12, group("images.quality", quality), group("images.count", count), seeds);
    }

    private static <T> ComboBox<T> choice(List<T> values, java.util.function.Function<T, String> name) {
        ComboBox<T> box = new ComboBox<>();
        box.getItems().setAll(values);
        box.setConverter(new StringConverter<>() {
            @Override
            public String toString(T value) {
                return Optional.ofNullable(value).map(name).orElse("");
            }

            @Override
            public T fromString(String text) {
                throw new UnsupportedOperationException(text.toLowerCase(Locale.ROOT));
            }
        });
        return box;
    }

    private Recipe recipe() {
        return images.recipeProperty().get();
    }

    private void set(Recipe changed) {
        if (!changed.equals(recipe())) {
            images.recipeProperty().set(changed);
        }
    }

    /** The one filled button: draws, or stops what is drawn. */
    private static final class DrawButton extends StackPane {
        DrawButton(ImagesViewModel images, Messages messages) {
            Button draw = Buttons.primary(messages.text("images.draw"), images::draw);
            draw.setId("draw");
            Button stop = Buttons.bordered("", images::stop);
            stop.setId("stop-drawing");
            javafx.scene.layout.Region mark = new javafx.scene.layout.Region();
            mark.getStyleClass().add("stop-mark");
            HBox face = new HBox(
                    8,
                    mark,
                    Labels.of(messages.text("composer.stop"), "medium"),
                    Labels.of(messages.text("composer.escape"), "subtle", "tiny-text"));
            face.setAlignment(Pos.CENTER);
            stop.setGraphic(face);
            stop.setAccessibleText(messages.text("composer.stop"));
            for (Button button : List.of(draw, stop)) {
                button.getStyleClass().add("main-action");
                button.setMaxWidth(Double.MAX_VALUE);
            }
            getChildren().setAll(draw, stop);
            images.stateProperty().subscribe(state -> {
                draw.setVisible(!state.busy());
                stop.setVisible(state.busy());
            });
        }
    }
}
