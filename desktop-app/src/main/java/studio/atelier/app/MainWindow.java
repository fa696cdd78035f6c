package studio.atelier.app;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.animation.PauseTransition;
import javafx.geometry.Rectangle2D;
import javafx.scene.Scene;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import javafx.stage.Screen;
import javafx.stage.Stage;
import javafx.util.Duration;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.shell.Action;
import studio.atelier.app.shell.Actions;
import studio.atelier.app.theme.Fonts;
import studio.atelier.app.theme.Theme;

/** The one window: its place on the screen, its colours and its views, which are built again in each language. */
final class MainWindow {
    private static final double WIDTH = 1360;
    private static final double HEIGHT = 880;
    private static final double LEAST_WIDTH = 960;
    private static final double LEAST_HEIGHT = 640;
    /** The window is on the screen by then; loading the web engine before would hold it up by a second. */
    private static final Duration AFTER_FIRST_FRAME = Duration.millis(120);

    private final Wiring wiring;
    private final Stage stage;
    private final Consumer<String> browser;
    private final Scene scene = new Scene(new Region(), WIDTH, HEIGHT);
    private final Theme theme;
    private final Actions actions = new Actions();
    private @Nullable WindowViews views;
    private @Nullable Language language;

    /** @param browser opens an address outside of the program */
    MainWindow(Wiring wiring, Stage stage, Consumer<String> browser) {
        this.wiring = wiring;
        this.stage = stage;
        this.browser = browser;
        Fonts.load();
        theme = new Theme(scene);
        AppSettings settings = wiring.settings.settings();
        theme.appearanceProperty().set(settings.appearance());
        theme.textStepProperty().set(settings.textStep());
        theme.textStepProperty()
                .addListener((_, _, step) -> wiring.settings.change(now -> now.withTextStep(step.intValue())));
        wiring.settings.settingsProperty().subscribe(this::follow);
        actions.listenTo(scene);
        // Escape belongs to whatever is open; only what nobody wanted stops the answer.
        scene.addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.ESCAPE) {
                wiring.chat.stop();
            }
        });
    }

    /** Shows the window, then begins everything that takes time. */
    void show() {
        stage.setTitle(Messages.in(wiring.settings.language()).text("app.name"));
        stage.setMinWidth(LEAST_WIDTH);
        stage.setMinHeight(LEAST_HEIGHT);
        stage.setScene(scene);
        wiring.settings.settings().place().ifPresent(this::putBack);
        stage.setOnHiding(_ -> {
            keepPlace();
            views().ifPresent(WindowViews::close);
        });
        stage.show();
        wiring.begin();
        views().ifPresent(WindowViews::focusComposer);
        PauseTransition wait = new PauseTransition(AFTER_FIRST_FRAME);
        wait.setOnFinished(_ -> views().ifPresent(WindowViews::makePage));
        wait.play();
    }

    private Optional<WindowViews> views() {
        return Optional.ofNullable(views);
    }

    private void follow(AppSettings settings) {
        theme.appearanceProperty().set(settings.appearance());
        if (wiring.settings.language() != language) {
            language = wiring.settings.language();
            theme.chineseProperty().set(language == Language.SIMPLIFIED_CHINESE);
            boolean hadPage = views().map(WindowViews::hasPage).orElse(false);
            views().ifPresent(WindowViews::close);
            Messages messages = Messages.in(language);
            wiring.models.nameIncluded(messages.text("models.starter"));
            WindowViews built = new WindowViews(wiring, theme, actions, scene, browser, messages);
            views = built;
            defineActions(built);
            scene.setRoot(built.root());
            if (hadPage) {
                built.makePage();
            }
        }
    }

    private void defineActions(WindowViews built) {
        built.define();
        actions.define(Action.CLOSE_WINDOW, stage::close);
        actions.define(Action.QUIT, stage::close);
        actions.define(Action.LARGER_TEXT, theme::enlargeText);
        actions.define(Action.SMALLER_TEXT, theme::shrinkText);
        actions.define(Action.NORMAL_TEXT, theme::resetText);
    }

    /** The place of the last time, if a screen is still there. */
    private void putBack(AppSettings.Place place) {
        List<Screen> there = Screen.getScreensForRectangle(place.x(), place.y(), place.width(), place.height());
        if (there.isEmpty()) {
            return;
        }
        Rectangle2D screen = there.getFirst().getVisualBounds();
        stage.setWidth(Math.min(place.width(), screen.getWidth()));
        stage.setHeight(Math.min(place.height(), screen.getHeight()));
        stage.setX(Math.clamp(
                place.x(), screen.getMinX(), Math.max(screen.getMinX(), screen.getMaxX() - stage.getWidth())));
        stage.setY(Math.clamp(
                place.y(), screen.getMinY(), Math.max(screen.getMinY(), screen.getMaxY() - stage.getHeight())));
    }

    private void keepPlace() {
        if (!stage.isMaximized() && !stage.isFullScreen()) {
            AppSettings.Place place =
                    new AppSettings.Place(stage.getX(), stage.getY(), stage.getWidth(), stage.getHeight());
            wiring.settings.change(now -> now.withPlace(place));
        }
    }
}
