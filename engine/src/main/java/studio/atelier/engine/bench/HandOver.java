package studio.atelier.engine.bench;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How long a number takes from one core to another: some twenty nanoseconds where they share a cache, hundreds where they
 * don't. A virtual machine may be moved from the one to the other while it runs; then what two threads gain changes, too.
 */
final class HandOver {
    /** Until the other thread runs and both loops are compiled. */
    private static final int WARM_ROUNDS = 20_000;

    private static final int BATCHES = 20;
    private static final int ROUNDS = 500;
    /** Where other programs have the cores, a round takes as long as they please. */
    private static final long LONGEST_NANOS = 200_000_000;

    private static final int SPINS_BETWEEN_LOOKS = 4096;

    private HandOver() {}

    /** One way, in nanoseconds, in the best of twenty batches of rounds; NaN where only one thread has a core. */
    static double nanos() {
        AtomicLong turn = new AtomicLong();
        Thread other = Thread.ofPlatform().name("atelier-hand-over").daemon().start(() -> answer(turn));
        long deadline = System.nanoTime() + LONGEST_NANOS;
        boolean done = play(turn, 0, WARM_ROUNDS, deadline);
        double best = Double.POSITIVE_INFINITY;
        for (int batch = 0; done && batch < BATCHES; batch++) {
            int first = WARM_ROUNDS + batch * ROUNDS;
            long start = System.nanoTime();
            done = play(turn, first, first + ROUNDS, deadline);
            best = Math.min(best, (System.nanoTime() - start) / (2.0 * ROUNDS));
        }
        turn.set(-1);
        try {
            other.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return done ? best : Double.NaN;
    }

    private static boolean play(AtomicLong turn, int from, int to, long deadline) {
        for (int round = from; round < to; round++) {
            turn.set(2L * round + 1);
            int spins = 0;
            while (turn.get() != 2L * round + 2) {
                if (++spins % SPINS_BETWEEN_LOOKS == 0 && System.nanoTime() > deadline) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Makes every odd number the next even one, until it is negative. */
    private static void answer(AtomicLong turn) {
        long seen = turn.get();
        while (seen >= 0) {
            if (seen % 2 == 1) {
                turn.compareAndSet(seen, seen + 1);
            }
            seen = turn.get();
        }
    }
}
