package studio.atelier.engine.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team that shares out the chunks of one task: the calling thread and a helper for every further core. Helpers
 * spin for a moment after a task, because a layer brings the next within microseconds, then sleep.
 */
final class CpuThreads implements AutoCloseable {
    private static final int SPINS = 4_000;

    /** Part of a task. */
    @FunctionalInterface
    interface Chunk {
        /** Works on items {@code [from, to)}; {@code worker} is below {@link #size()} and no other thread's. */
        void run(int from, int to, int worker);
    }

    private record Task(Chunk body, int items, int chunkItems, AtomicInteger next, AtomicInteger unfinished) {}

    private final Thread[] helpers;
    private volatile @Nullable Task task;
    private volatile long round;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    CpuThreads(int threads) {
        helpers = new Thread[Math.max(0, threads - 1)];
        for (int i = 0; i < helpers.length; i++) {
            int worker = i + 1;
            helpers[i] =
                    Thread.ofPlatform().name("atelier-cpu-" + worker).daemon().start(() -> help(worker));
        }
    }

    /** Threads that work on a task, the caller included. */
    int size() {
        return helpers.length + 1;
    }

    /** Runs items {@code [0, items)} in chunks and returns when all are done. For one calling thread at a time. */
    void share(int items, int chunkItems, Chunk body) {
        if (items <= chunkItems || helpers.length == 0) {
            if (items > 0) {
                body.run(0, items, 0);
            }
            return;
        }
        int chunks = Math.ceilDiv(items, chunkItems);
        Task mine = new Task(body, items, chunkItems, new AtomicInteger(), new AtomicInteger(chunks));
        task = mine;
        round++;
        for (Thread helper : helpers) {
            LockSupport.unpark(helper);
        }
        work(mine, 0);
        while (mine.unfinished().get() > 0) {
            Thread.onSpinWait();
        }
        task = null;
        rethrow();
    }

    private void rethrow() {
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("a CPU worker failed", thrown);
        }
    }

    private void work(Task current, int worker) {
        while (true) {
            int from = current.next().getAndAdd(current.chunkItems());
            if (from >= current.items()) {
                return;
            }
            try {
                current.body().run(from, Math.min(current.items(), from + current.chunkItems()), worker);
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                current.unfinished().decrementAndGet();
            }
        }
    }

    private void help(int worker) {
        long seen = 0;
        while (!closed) {
            int spins = 0;
            while (round == seen && !closed) {
                if (spins++ < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
            }
            seen = round;
            Task current = task;
            if (current != null) {
                work(current, worker);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread helper : helpers) {
            LockSupport.unpark(helper);
        }
    }
}
