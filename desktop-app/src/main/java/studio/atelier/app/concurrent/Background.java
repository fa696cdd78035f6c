package studio.atelier.app.concurrent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Work that would hold up the window: reads and writes of the store one after the other, models opened on threads of
 * their own. Results come back on the FX thread.
 */
public final class Background implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Background.class.getName());
    private static final long PATIENCE_SECONDS = 10;

    private final FrameBatcher frames;
    private final ExecutorService inOrder = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("atelier-store").daemon().factory());
    private final ExecutorService atOnce = Executors.newVirtualThreadPerTaskExecutor();

    public Background(FrameBatcher frames) {
        this.frames = frames;
    }

    /** Runs a task after all that were given here before it; its result, or why there is none, goes to the FX thread. */
    public <T> void inOrder(Callable<T> task, Consumer<T> then, Consumer<Exception> failed) {
        inOrder.execute(() -> call(task, then, failed));
    }

    /**
     * Runs a task at once beside all others; its result, or why there is none, goes to the FX thread. After {@link #close()}
     * nothing is done: a page that finishes loading then has nobody to show it to.
     */
    public <T> void atOnce(Callable<T> task, Consumer<T> then, Consumer<Exception> failed) {
        try {
            atOnce.execute(() -> call(task, then, failed));
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "a task of the window came after its end", e);
        }
    }

    private <T> void call(Callable<T> task, Consumer<T> then, Consumer<Exception> failed) {
        try {
            T result = task.call();
            frames.post(() -> then.accept(result));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.log(Level.WARNING, "a task of the window failed", e);
            frames.post(() -> failed.accept(e));
        }
    }

    /** Finishes what was begun in order, so that nothing told is lost, and interrupts the rest. */
    @Override
    public void close() {
        inOrder.shutdown();
        try {
            if (!inOrder.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "the store was still writing when the window closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        atOnce.shutdownNow();
    }
}
