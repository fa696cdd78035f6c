package studio.atelier.app;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.animation.PauseTransition;
import javafx.geometry.Rectangle2D;
import javafx.scene.Scene;
import javafx.scene.image.Image;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import javafx.stage.Screen;
import javafx.stage.Stage;
import javafx.util.Duration;
import org.jspecify.annotations.Nullable;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.shell.Action;
import studio.atelier.app.shell.Actions;
import studio.atelier.app.theme.Fonts;
import studio.atelier.app.theme.Theme;

/** The one window: its place on the screen, its colours and its views, which are built again in each language. */
final class MainWindow {
    private static final Logger LOG = System.getLogger(MainWindow.class.getName());
    /** Names the picture that a package of the program comes with. */
    private static final String ICON = "atelier.icon";

    private static final double WIDTH = 1360;
    private static final double HEIGHT = 880;
    private static final double LEAST_WIDTH = 960;
    private static final double LEAST_HEIGHT = 640;
    /** What the system puts around a window takes at most. */
    private static final double FRAME = 48;

    /** The window is on the screen by then; loading the web engine before would hold it up by a second. */
    private static final Duration AFTER_FIRST_FRAME = Duration.millis(120);

    private final Wiring wiring;
    private final Stage stage;
    private final Consumer<String> browser;
    private final Scene scene = new Scene(new Region(), WIDTH, HEIGHT);
    private final Theme theme;
    private final Actions actions = new Actions();
    private final Arrivals arrivals;
    private @Nullable WindowViews views;
    private @Nullable Language language;

    /** @param browser opens an address outside of the program */
    MainWindow(Wiring wiring, Stage stage, Consumer<String> browser) {
        this.wiring = wiring;
        this.stage = stage;
        this.browser = browser;
        arrivals = new Arrivals(wiring, this::views);
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

    /**
     * Shows the window, then begins everything that takes time.
     *
     * @param screen what of the main screen is free for windows
     */
    void show(Rectangle2D screen) {
        stage.setTitle(Messages.in(wiring.settings.language()).text("app.name"));
        stage.setScene(scene);
        fitInto(screen);
        wiring.settings.settings().place().ifPresent(this::putBack);
        stage.setOnHiding(_ -> {
            keepPlace();
            views().ifPresent(WindowViews::close);
        });
        stage.show();
        wiring.begin();
        views().ifPresent(WindowViews::focusComposer);
        tellWhenReady();
        PauseTransition wait = new PauseTransition(AFTER_FIRST_FRAME);
        wait.setOnFinished(_ -> views().ifPresent(WindowViews::makePage));
        wait.play();
    }

    /** Comes to the front, and opens what links and files ask for. */
    void arrive(List<OpenRequest> requests) {
        stage.setIconified(false);
        stage.show();
        stage.toFront();
        stage.requestFocus();
        arrivals.open(requests);
    }

    /** Does what a menu does. */
    void act(Action action) {
        actions.run(action);
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
            WindowViews built = new WindowViews(
                    wiring, theme, actions, scene, browser, request -> arrivals.open(List.of(request)), messages);
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

    /** Says in the log when the first frame with the composer is on the screen; start-up is measured by it. */
    private void tellWhenReady() {
        if (LOG.isLoggable(Level.DEBUG)) {
            Runnable[] once = new Runnable[1];
            once[0] = () -> {
                scene.removePostLayoutPulseListener(once[0]);
                LOG.log(Level.DEBUG, "the window accepts typing");
            };
            scene.addPostLayoutPulseListener(once[0]);
        }
        String icon = System.getProperty(ICON, "");
        if (!icon.isEmpty()) {
            stage.getIcons().add(new Image(Path.of(icon).toUri().toString(), true));
        }
    }

    /** Where the screen is smaller than the window would be, the window fills it: nothing of it may lie outside. */
    private void fitInto(Rectangle2D screen) {
        if (WIDTH + FRAME > screen.getWidth()) {
            stage.setWidth(screen.getWidth());
            stage.setX(screen.getMinX());
        }
        if (HEIGHT + FRAME > screen.getHeight()) {
            stage.setHeight(screen.getHeight());
            stage.setY(screen.getMinY());
        }
        stage.setMinWidth(Math.min(LEAST_WIDTH, screen.getWidth()));
        stage.setMinHeight(Math.min(LEAST_HEIGHT, screen.getHeight()));
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
