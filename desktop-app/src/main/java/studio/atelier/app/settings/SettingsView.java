package studio.atelier.app.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.Separator;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.theme.Appearance;
import studio.atelier.app.theme.Theme;
import studio.atelier.engine.CacheChoice;

/** The sheet with the settings of the program; every choice holds at once. */
public final class SettingsView extends VBox {
    private static final double WIDTH = 560;
    private static final double NAMES_WIDTH = 130;

    private final SettingsViewModel settings;
    private final Theme theme;
    private final Messages messages;
    private final ComboBox<Optional<Language>> language = new ComboBox<>();

    /**
     * Builds it.
     *
     * @param token the choice about the hub's token, a part of its own
     * @param updates the choices about newer versions, a part of their own
     * @param close asked when the person is done
     */
    public SettingsView(
            SettingsViewModel settings, Theme theme, Messages messages, Node token, Node updates, Runnable close) {
        super(16);
        this.settings = settings;
        this.theme = theme;
        this.messages = messages;
        setId("settings");
        getStyleClass().add("modal-sheet");
        setPrefWidth(WIDTH);
        setMaxSize(WIDTH, USE_PREF_SIZE);
        Button done = Buttons.primary(messages.text("settings.done"), close);
        done.setDefaultButton(true);
        // Its address is as long as there is room.
        HBox.setHgrow(updates, Priority.ALWAYS);
        HBox actions = new HBox(done);
        actions.setAlignment(Pos.CENTER_RIGHT);
        Label folder = Labels.wrapped(settings.dataFolder().toString(), "small-text");
        folder.setMaxWidth(WIDTH - NAMES_WIDTH - 60);
        getChildren()
                .setAll(
                        Labels.of(messages.text("settings.title"), "step-title"),
                        row("settings.language", languages()),
                        row("settings.appearance", appearances()),
                        row("settings.text-size", textSize()),
                        new Separator(),
                        row("settings.cache", cache()),
                        row("settings.token", token),
                        row("settings.updates", updates),
                        new Separator(),
                        row("settings.storage", folder),
                        Labels.wrapped(messages.text("settings.privacy"), "muted", "small-text"),
                        actions);
        addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE) {
                event.consume();
                close.run();
            }
        });
    }

    /** Where the keyboard goes when the sheet opens. */
    public void focusFirst() {
        language.requestFocus();
    }

    private Node row(String key, Node control) {
        Label name = Labels.of(messages.text(key), "muted");
        name.setMinWidth(NAMES_WIDTH);
        name.setLabelFor(control);
        HBox row = new HBox(12, name, control);
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }

    private Node languages() {
        List<Optional<Language>> choices = new ArrayList<>(List.of(Optional.empty()));
        Arrays.stream(Language.values()).map(Optional::of).forEach(choices::add);
        language.getItems().setAll(choices);
        language.setConverter(new StringConverter<>() {
            @Override
            public String toString(Optional<Language> choice) {
                return choice == null
                        ? ""
                        : choice.map(Language::ownName)
                                .orElse(messages.text(
                                        "settings.language-system",
                                        settings.systemLanguage().ownName()));
            }

            @Override
            public Optional<Language> fromString(String text) {
                return Optional.empty();
            }
        });
        language.setValue(settings.settings().language());
        language.setAccessibleText(messages.text("settings.language"));
        language.valueProperty().addListener((_, _, choice) -> settings.choose(choice));
        return language;
    }

    private Node appearances() {
        ToggleGroup group = new ToggleGroup();
        HBox segments = new HBox(2);
        segments.getStyleClass().add("segments");
        for (Appearance appearance : Appearance.values()) {
            ToggleButton button = new ToggleButton(
                    messages.text("settings.appearance-" + appearance.name().toLowerCase(java.util.Locale.ROOT)));
            button.setToggleGroup(group);
            button.setSelected(settings.settings().appearance() == appearance);
            button.setOnAction(_ -> {
                // One of them always holds: a click on the chosen one changes nothing.
                button.setSelected(true);
                settings.change(now -> now.withAppearance(appearance));
            });
            segments.getChildren().add(button);
        }
        return segments;
    }

    private Node cache() {
        CheckBox small = new CheckBox(messages.text("settings.cache-small"));
        small.setId("settings-cache");
        small.setSelected(settings.settings().cache() == CacheChoice.EIGHT_BIT);
        small.selectedProperty()
                .addListener((_, _, on) ->
                        settings.change(now -> now.withCache(on ? CacheChoice.EIGHT_BIT : CacheChoice.AUTOMATIC)));
        Label why = Labels.wrapped(messages.text("settings.cache-why"), "muted", "small-text");
        why.setMaxWidth(WIDTH - NAMES_WIDTH - 60);
        return new VBox(4, small, why);
    }

    private Node textSize() {
        Label size = Labels.of("", "medium");
        size.setMinWidth(48);
        size.setAlignment(Pos.CENTER);
        theme.textStepProperty().subscribe(_ -> size.setText(messages.text("settings.pixels", theme.messagePixels())));
        HBox row = new HBox(
                4,
                Buttons.icon(Feather.MINUS, messages.text("settings.smaller"), theme::shrinkText),
                size,
                Buttons.icon(Feather.PLUS, messages.text("settings.larger"), theme::enlargeText));
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }
}
