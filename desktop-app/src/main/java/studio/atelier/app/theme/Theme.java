package studio.atelier.app.theme;

import atlantafx.base.theme.CupertinoDark;
import atlantafx.base.theme.CupertinoLight;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javafx.application.Application;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.scene.Scene;
import studio.atelier.assets.Assets;

/**
 * Dresses the window: light or dark as the system or the person wants it, at the text size that the person chose.
 * Belongs to the FX thread.
 */
public final class Theme {
    /** Interface text at the normal size; message text is one pixel larger. */
    private static final int INTERFACE_PIXELS = 13;

    /** What the style sheet writes in the semi-bold font. */
    private static final String EMPHASIZED =
            ".strong,.section-title,.step-title,.chat-title,.chat-section,.button.primary,.stats-line .label.phase";

    private static final int MOST_STEPS_SMALLER = -2;
    private static final int MOST_STEPS_LARGER = 6;

    private final ObjectProperty<Appearance> appearance = new SimpleObjectProperty<>(Appearance.SYSTEM);
    private final IntegerProperty textStep = new SimpleIntegerProperty(0);
    private final ReadOnlyBooleanWrapper dark = new ReadOnlyBooleanWrapper();
    private final BooleanProperty chinese = new SimpleBooleanProperty();
    private final Scene scene;

    public Theme(Scene scene) {
        this.scene = scene;
        Platform.Preferences preferences = Platform.getPreferences();
        dark.bind(appearance.map(wanted -> isDark(wanted, preferences.getColorScheme())));
        preferences.colorSchemeProperty().subscribe(scheme -> {
            dark.unbind();
            dark.bind(appearance.map(wanted -> isDark(wanted, scheme)));
        });
        dark.subscribe(_ -> dress());
        textStep.subscribe(_ -> dress());
        chinese.subscribe(_ -> dress());
    }

    /** Whether the window speaks Chinese: what is emphasized then needs another font. */
    public BooleanProperty chineseProperty() {
        return chinese;
    }

    /** What the person wants; the window follows at once. */
    public ObjectProperty<Appearance> appearanceProperty() {
        return appearance;
    }

    /** Pixels that all text is larger than normal, from -2 to 6. */
    public IntegerProperty textStepProperty() {
        return textStep;
    }

    /** Whether the window is dark now. */
    public ReadOnlyBooleanProperty darkProperty() {
        return dark.getReadOnlyProperty();
    }

    public void enlargeText() {
        textStep.set(Math.min(MOST_STEPS_LARGER, textStep.get() + 1));
    }

    public void shrinkText() {
        textStep.set(Math.max(MOST_STEPS_SMALLER, textStep.get() - 1));
    }

    public void resetText() {
        textStep.set(0);
    }

    /** Pixels of message text now. */
    public int messagePixels() {
        return INTERFACE_PIXELS + 1 + textStep.get();
    }

    private void dress() {
        boolean night = dark.get();
        Application.setUserAgentStylesheet(
                night ? new CupertinoDark().getUserAgentStylesheet() : new CupertinoLight().getUserAgentStylesheet());
        // Sheets and not a style class: pop-up windows take the sheets over, but have a root of their own.
        List<String> sheets = new ArrayList<>(List.of(
                sheet(night ? "theme/atelier-dark.css" : "theme/atelier-light.css"),
                sheet("theme/atelier.css"),
                inline(".root{-fx-font-size:" + (INTERFACE_PIXELS + textStep.get()) + "px}")));
        if (chinese.get()) {
            Fonts.chinese()
                    .ifPresent(family -> sheets.add(
                            inline(EMPHASIZED + "{-fx-font-family:\"" + family + "\";-fx-font-weight:bold}")));
        }
        scene.getStylesheets().setAll(sheets);
    }

    private static String inline(String css) {
        return "data:text/css;base64," + Base64.getEncoder().encodeToString(css.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isDark(Appearance wanted, ColorScheme system) {
        return switch (wanted) {
            case SYSTEM -> system == ColorScheme.DARK;
            case LIGHT -> false;
            case DARK -> true;
        };
    }

    private static String sheet(String name) {
        return Assets.url(name).toExternalForm();
    }
}
