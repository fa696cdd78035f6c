package studio.atelier.app.concurrent;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import javafx.application.Platform;

/**
 * Brings what other threads tell into the window, at most once every 33 milliseconds and in the order it was told.
 *
 * <p>{@link #post} may be called from any thread and never waits. What was posted runs on the FX thread.
 */
public final class FrameBatcher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FrameBatcher.class.getName());
    private static final long FRAME_MILLIS = 33;

    private final Executor window;
    private final ScheduledExecutorService clock;
    private final Object lock = new Object();
    private Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean frameIsDue;
    private long lastFrameNanos;

    /** @param window runs a task on the thread that owns what the tasks touch */
    FrameBatcher(Executor window) {
        this.window = window;
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "atelier-frames");
            thread.setDaemon(true);
            return thread;
        };
        clock = Executors.newSingleThreadScheduledExecutor(daemons);
        lastFrameNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(FRAME_MILLIS);
    }

    /** A batcher into the window. */
    public static FrameBatcher intoWindow() {
        return new FrameBatcher(Platform::runLater);
    }

    /** A batcher that runs what is posted on one thread of its own, for programs without a window. */
    public static FrameBatcher intoThread(Executor thread) {
        return new FrameBatcher(thread);
    }

    /** Runs a task on the FX thread with the next frame. */
    public void post(Runnable task) {
        synchronized (lock) {
            waiting.add(task);
            if (frameIsDue || clock.isShutdown()) {
                return;
            }
            frameIsDue = true;
            long sinceLast = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastFrameNanos);
            clock.schedule(
                    () -> window.execute(this::runFrame), Math.max(0, FRAME_MILLIS - sinceLast), TimeUnit.MILLISECONDS);
        }
    }

    private void runFrame() {
        Queue<Runnable> frame;
        synchronized (lock) {
            frame = waiting;
            waiting = new ArrayDeque<>();
            frameIsDue = false;
            lastFrameNanos = System.nanoTime();
        }
        for (Runnable task : frame) {
            try {
                task.run();
            } catch (RuntimeException e) {
                // One broken part of the window must not take the rest of the frame with it.
                LOG.log(Level.ERROR, "a task of the window failed", e);
            }
        }
    }

    /** Drops what is still waiting: the window is gone. */
    @Override
    public void close() {
        synchronized (lock) {
            waiting.clear();
            clock.shutdownNow();
        }
    }
}
