package studio.atelier.app;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javafx.application.Platform;
import javafx.embed.swing.SwingFXUtils;
import javafx.geometry.Rectangle2D;
import javafx.scene.Node;
import javafx.scene.web.WebView;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;
import org.testfx.api.FxRobot;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.Archive;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.script.ScriptedModel;

/** The real window on the headless screen, with a scripted model and an archive of the test's choice. */
final class TestWindow implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;
    private static final CompletableFuture<Boolean> TOOLKIT = new CompletableFuture<>();

    /** Types and presses keys as a person does. */
    final FxRobot keys = new FxRobot();

    final Wiring wiring;
    final Stage stage;
    final MainWindow main;
    /** Addresses that were opened in the browser. */
    final List<String> browsed;

    private TestWindow(Wiring wiring, Stage stage, MainWindow main, List<String> browsed) {
        this.wiring = wiring;
        this.stage = stage;
        this.main = main;
        this.browsed = browsed;
    }

    /** With the model as the one that came with the program, and without help pages. */
    static TestWindow open(Path dataFolder, Archive archive, ScriptedModel model, Clock clock) {
        return open(new Parts(dataFolder, archive, model, HelpLookup.none(), Optional.of(model.info.folder()), clock));
    }

    static TestWindow open(Parts parts) {
        // The headless screen is smaller than most people's, and its size can't be chosen.
        return open(parts, new Rectangle2D(0, 0, 1920, 1200));
    }

    /** On a screen with so much room. */
    static TestWindow open(Parts parts, Rectangle2D screen) {
        startToolkit();
        return onWindowThread(() -> {
            Wiring wiring = new Wiring(parts);
            Stage stage = new Stage();
            List<String> browsed = new CopyOnWriteArrayList<>();
            MainWindow main = new MainWindow(wiring, stage, browsed::add);
            main.show(screen);
            return new TestWindow(wiring, stage, main, browsed);
        });
    }

    static void startToolkit() {
        synchronized (TOOLKIT) {
            if (TOOLKIT.isDone()) {
                return;
            }
            Platform.setImplicitExit(false);
            Platform.startup(() -> TOOLKIT.complete(true));
            TOOLKIT.join();
        }
    }

    static <T> T onWindowThread(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Platform.runLater(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("the window did nothing for " + PATIENCE_SECONDS + " s", e);
        }
    }

    /** Waits until something holds, looking from the window's thread. */
    static void await(String what, BooleanSupplier holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!onWindowThread(holds::getAsBoolean)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never came: " + what);
            }
            sleep(20);
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A part of the window by its style sheet name, such as {@code #composer}. What scrolls is there a frame later. */
    @SuppressWarnings("unchecked")
    <N extends Node> N find(String selector) {
        await(selector, () -> stage.getScene().lookup(selector) != null);
        return (N) Objects.requireNonNull(onWindowThread(() -> stage.getScene().lookup(selector)), selector);
    }

    private @Nullable WebView web() {
        return (WebView) stage.getScene().lookup("#messages").lookup(".web-view");
    }

    /** Does something as the person, on the window's thread. */
    void run(Runnable task) {
        onWindowThread(() -> {
            task.run();
            return stage;
        });
    }

    /** The conversation on the screen. */
    Conversation conversation() {
        return Objects.requireNonNull(wiring.chat.conversationProperty().get());
    }

    /** What a script in the page says, as text. */
    String page(String script) {
        return onWindowThread(
                () -> String.valueOf(Objects.requireNonNull(web()).getEngine().executeScript(script)));
    }

    /** Waits until something holds in the page, and until there is a page. */
    void awaitPage(String what, String holds) {
        String guarded = "(() => { try { return !!page && !!(" + holds + ") } catch (e) { return false } })()";
        await(what, () -> {
            WebView web = web();
            return web != null && Boolean.TRUE.equals(web.getEngine().executeScript(guarded));
        });
    }

    /** Waits until the last answer on the page is this and complete. */
    void awaitAnswer(String text) {
        awaitPage(
                "the answer " + text,
                "[...document.querySelectorAll('.answer:not(.open) > .said')].pop().textContent.trim() === '" + text
                        + "'");
    }

    BufferedImage picture() {
        return onWindowThread(() -> SwingFXUtils.fromFXImage(stage.getScene().snapshot(null), null));
    }

    /** Ends the program as a person does, and waits until all is on the disk. */
    @Override
    public void close() {
        onWindowThread(() -> {
            stage.hide();
            return stage;
        });
        wiring.close();
    }
}
