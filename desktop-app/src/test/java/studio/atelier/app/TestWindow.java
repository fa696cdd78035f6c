package studio.atelier.app;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javafx.application.Platform;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.Node;
import javafx.stage.Stage;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.library.Archive;
import studio.atelier.app.script.ScriptedModel;

/** The real window on the headless screen, with a scripted model and an archive of the test's choice. */
final class TestWindow implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final CompletableFuture<Boolean> TOOLKIT = new CompletableFuture<>();

    final Wiring wiring;
    final Stage stage;

    private TestWindow(Wiring wiring, Stage stage) {
        this.wiring = wiring;
        this.stage = stage;
    }

    static TestWindow open(Path dataFolder, Archive archive, ScriptedModel model, HelpLookup help, Clock clock) {
        startToolkit();
        return onWindowThread(() -> {
            Wiring wiring =
                    new Wiring(new Parts(dataFolder, archive, model, help, Optional.of(model.info.folder()), clock));
            Stage stage = new Stage();
            new MainWindow(wiring, stage, _ -> {}).show();
            return new TestWindow(wiring, stage);
        });
    }

    private static void startToolkit() {
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

    /** A part of the window by its style sheet name, such as {@code #composer}. */
    @SuppressWarnings("unchecked")
    <N extends Node> N find(String selector) {
        Node found = onWindowThread(() -> stage.getScene().lookup(selector));
        if (found == null) {
            throw new AssertionError("the window has no " + selector);
        }
        return (N) found;
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
