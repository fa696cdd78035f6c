package studio.atelier.engine.backend.cpu;

/**
 * How long one thread spins for another before it sleeps: long where that is usually rewarded, short where the other one
 * has lost its core to another program, because then spinning takes a core from just the thread that is waited for. Such a
 * loss lasts milliseconds, and quarters the time; every wait that ended while spinning makes it a little longer.
 *
 * <p>Belongs to the thread that waits.
 */
final class Patience {
    /** A layer brings the next task within microseconds. */
    private static final long MOST_NANOS = 250_000;

    /** About what falling asleep takes. */
    private static final long LEAST_NANOS = 2_000;

    /** A token has some hundred waits: after a dozen tokens that nobody disturbed it is back at the most. */
    private static final long STEP_NANOS = 64;

    /** Choosing a token and telling it takes less, a turn of another program more. */
    private static final long LOST_NANOS = 1_000_000;

    private long nanos = MOST_NANOS;

    /** Whether a wait that began so many nanoseconds ago should go on asleep. */
    boolean isOver(long waitedNanos) {
        return waitedNanos > nanos;
    }

    /** What was waited for came while the thread spun. */
    void rewarded() {
        nanos = Math.min(MOST_NANOS, nanos + STEP_NANOS);
    }

    /** It did not, and the wait took so long in all: perhaps so short that spinning on would have been better. */
    void slept(long waitedNanos) {
        if (waitedNanos > LOST_NANOS) {
            nanos = Math.max(LEAST_NANOS, nanos / 4);
        } else if (waitedNanos <= MOST_NANOS) {
            rewarded();
        }
    }
}
