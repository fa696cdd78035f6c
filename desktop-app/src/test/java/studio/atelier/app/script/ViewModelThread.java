package studio.atelier.app.script;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;

/** A thread in the place of the window's: view models are tried on it without a window. */
public final class ViewModelThread implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final FrameBatcher frames = FrameBatcher.intoThread(thread);
    private final Background background = new Background(frames);

    public FrameBatcher frames() {
        return frames;
    }

    public Background background() {
        return background;
    }

    /** Runs something on the thread and waits for it. */
    public <T> T call(Callable<T> task) {
        try {
            return thread.submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("nothing happened for " + PATIENCE_SECONDS + " s", e);
        }
    }

    /** Runs something on the thread and waits for it. */
    public void run(Runnable task) {
        call(() -> {
            task.run();
            return true;
        });
    }

    /** Waits until something holds, looking from the thread. */
    public void await(String what, BooleanSupplier holds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!call(holds::getAsBoolean)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never came: " + what);
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        background.close();
        frames.close();
        thread.shutdownNow();
    }
}
