package studio.atelier.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that computes for an open model. Work that comes in pieces takes turns, a piece each; orders go before
 * all pieces, so that nothing waits longer than one piece.
 */
final class EngineThread {
    /** Work that comes in pieces. */
    @FunctionalInterface
    interface Pieces {
        /** Does the next piece; throws nothing. Returns whether more follow. */
        boolean next();
    }

    /** Something to be made on the thread, once. */
    @FunctionalInterface
    interface Making<T> {
        T make() throws EngineException;
    }

    private static final Runnable WAKE = () -> {};

    private final LinkedBlockingQueue<Runnable> orders = new LinkedBlockingQueue<>();
    private final Deque<Pieces> turns = new ArrayDeque<>();
    private final Thread thread;
    private boolean ended;

    EngineThread() {
        thread = Thread.ofPlatform().name("atelier-engine").daemon().start(this::work);
    }

    private void work() {
        while (!ended) {
            Runnable order = nextOrder();
            if (order != null) {
                order.run();
                continue;
            }
            Pieces pieces = turns.removeFirst();
            if (pieces.next()) {
                turns.addLast(pieces);
            }
        }
    }

    private @Nullable Runnable nextOrder() {
        if (!turns.isEmpty()) {
            return orders.poll();
        }
        try {
            return orders.take();
        } catch (InterruptedException e) {
            // Nobody but a foreign library would interrupt this thread, and it ends by order only.
            return WAKE;
        }
    }

    /** Lets this work take its turns; any thread may ask. */
    void begin(Pieces pieces) {
        orders.add(() -> turns.addLast(pieces));
    }

    /** Has an order carried out before the next piece; any thread may ask. */
    void order(Runnable order) {
        orders.add(order);
    }

    /** Has something made on the thread and waits for it. */
    <T> T make(Making<T> making) throws EngineException {
        CompletableFuture<T> made = new CompletableFuture<>();
        orders.add(() -> {
            try {
                made.complete(making.make());
            } catch (EngineException | RuntimeException | Error e) {
                made.completeExceptionally(e);
            }
        });
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return made.get();
                } catch (InterruptedException e) {
                    // What is being made must come back to its owner; the wish to stop is passed on below.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw rethrown(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static EngineException rethrown(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof EngineException known
                ? known
                : new EngineException(EngineException.Reason.INTERNAL, String.valueOf(cause), cause);
    }

    /** Whether the caller is this thread. */
    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /**
     * Carries out a last order and ends; what still had turns is dropped. Returns when that is done, or at once when
     * called on the thread itself.
     */
    void end(Runnable last) {
        orders.add(() -> {
            ended = true;
            turns.clear();
            last.run();
        });
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
