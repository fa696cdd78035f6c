package studio.atelier.engine.backend.cpu;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed team that shares out the chunks of one task: the calling thread and a helper for every further core. Nothing is
 * allocated for a task.
 *
 * <p>Who has nothing to do spins for a moment, because a layer brings the next task within microseconds, then sleeps; how
 * long that moment is, {@link Patience} learns.
 *
 * <p>{@code state} holds a round in its upper half and the next item in its lower one. Odd rounds are closed: the task's
 * fields are being written. A helper reads the round, then the fields, and takes a chunk by changing the state from just
 * that round; if it succeeds, the fields it read are the round's, and they stay until its chunk is done.
 */
final class CpuThreads implements AutoCloseable {
    private static final int SPINS_BETWEEN_LOOKS = 64;

    /**
     * Multiplications of two microseconds in emitted kernels, whose weights come from the second-level cache. A quarter of that
     * gains little where two cores share a cache, and loses where they don't: what was computed must come over, too.
     */
    static final long EMITTED_PRODUCTS = 1 << 18;

    /** The same for floats and the Vector API. */
    static final long FLOAT_PRODUCTS = 1 << 16;

    /** Part of a task. */
    @FunctionalInterface
    interface Chunk {
        /** Works on items {@code [from, to)}; {@code worker} is below {@link #size()} and no other thread's. */
        void run(int from, int to, int worker);
    }

    private final Helper[] helpers;
    private final AtomicLong state = new AtomicLong();
    private final AtomicInteger unfinished = new AtomicInteger();
    private final Patience patience = new Patience();
    private @Nullable Chunk body;
    private int items;
    private int chunkItems = 1;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    CpuThreads(int threads) {
        helpers = new Helper[Math.max(0, threads - 1)];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper(i + 1);
        }
        for (Helper helper : helpers) {
            helper.thread.start();
        }
    }

    /** Threads that work on a task, the caller included. */
    int size() {
        return helpers.length + 1;
    }

    /**
     * As below, in chunks that are worth handing to another thread: that takes about a microsecond.
     *
     * @param productsEach multiplications that one item takes
     * @param leastProducts how many a chunk should have: those of about two microseconds
     */
    void share(int count, long productsEach, long leastProducts, Chunk work) {
        share(count, (int) Math.clamp(leastProducts / Math.max(1, productsEach), 1, Math.max(1, count)), work);
    }

    /** Runs items {@code [0, items)} in chunks and returns when all are done. For one calling thread at a time. */
    void share(int count, int inChunksOf, Chunk work) {
        if (count <= inChunksOf || helpers.length == 0) {
            if (count > 0) {
                work.run(0, count, 0);
            }
            return;
        }
        long round = (state.get() >>> 32) + 1;
        state.set(round << 32);
        // Who reads a new field must see the closed round afterwards.
        VarHandle.fullFence();
        body = work;
        items = count;
        chunkItems = inChunksOf;
        unfinished.set(Math.ceilDiv(count, inChunksOf));
        state.set(round + 1 << 32);
        for (Helper helper : helpers) {
            if (helper.asleep) {
                LockSupport.unpark(helper.thread);
            }
        }
        takeChunks(round + 1, 0);
        await();
        rethrow();
    }

    /** Works until the round has no chunk left. */
    private void takeChunks(long round, int worker) {
        Chunk work = body;
        int count = items;
        int step = chunkItems;
        VarHandle.acquireFence();
        while (work != null) {
            long seen = state.get();
            int from = (int) seen;
            if (seen >>> 32 != round || from >= count) {
                return;
            }
            int to = Math.min(count, from + step);
            if (!state.compareAndSet(seen, round << 32 | to)) {
                continue;
            }
            try {
                work.run(from, to, worker);
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                if (unfinished.decrementAndGet() == 0) {
                    LockSupport.unpark(waiting);
                }
            }
        }
    }

    private void await() {
        long since = System.nanoTime();
        int spins = 0;
        while (unfinished.get() > 0) {
            Thread.onSpinWait();
            if (++spins % SPINS_BETWEEN_LOOKS == 0 && patience.isOver(System.nanoTime() - since)) {
                waiting = Thread.currentThread();
                while (unfinished.get() > 0) {
                    LockSupport.park(this);
                }
                waiting = null;
                patience.slept(System.nanoTime() - since);
                return;
            }
        }
        patience.rewarded();
    }

    private void rethrow() {
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("a CPU worker failed", thrown);
        }
    }

    private final class Helper implements Runnable {
        private final int worker;
        private final Thread thread;
        private final Patience patience = new Patience();
        private volatile boolean asleep;

        private Helper(int worker) {
            this.worker = worker;
            this.thread =
                    Thread.ofPlatform().name("atelier-cpu-" + worker).daemon().unstarted(this);
        }

        @Override
        public void run() {
            long seen = 0;
            while (!closed) {
                seen = next(seen);
                takeChunks(seen, worker);
            }
        }

        /** Waits for an open round after this one. */
        private long next(long seen) {
            long began = System.nanoTime();
            long since = began;
            int spins = 0;
            while (!closed) {
                long round = state.get() >>> 32;
                if (round != seen && round % 2 == 0) {
                    if (since == began) {
                        patience.rewarded();
                    } else {
                        patience.slept(System.nanoTime() - began);
                    }
                    return round;
                }
                Thread.onSpinWait();
                if (++spins % SPINS_BETWEEN_LOOKS == 0 && patience.isOver(System.nanoTime() - since)) {
                    asleep = true;
                    if (state.get() >>> 32 == seen && !closed) {
                        LockSupport.park(CpuThreads.this);
                    }
                    asleep = false;
                    since = System.nanoTime();
                }
            }
            return seen;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Helper helper : helpers) {
            LockSupport.unpark(helper.thread);
        }
    }
}
