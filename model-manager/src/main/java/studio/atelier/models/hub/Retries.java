package studio.atelier.models.hub;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/**
 * One task's patience with a server: waits of 1, 2, 4, 8, 8 seconds and then no more, unless something arrived in
 * between. A wait that the server names comes before those.
 */
public final class Retries {
    private static final long[] WAITS_MILLIS = {1_000, 2_000, 4_000, 8_000, 8_000};
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Pauses pauses;
    private final BiConsumer<HubException, Duration> onWait;
    private int tried;

    /** Tells {@code onWait} before every wait, on the caller's thread. */
    public Retries(Pauses pauses, BiConsumer<HubException, Duration> onWait) {
        this.pauses = pauses;
        this.onWait = onWait;
    }

    /** Fresh patience for another part of the same task. */
    public Retries again() {
        return new Retries(pauses, onWait);
    }

    /** Something useful arrived: patience begins anew. */
    public void progressed() {
        tried = 0;
    }

    /**
     * Waits before the next attempt.
     *
     * @throws HubException the failure itself, when waiting is no use or has not helped
     */
    public void waitAfter(HubException failure) throws HubException, InterruptedException {
        if (!failure.isPassing() || tried == WAITS_MILLIS.length) {
            throw failure;
        }
        long usual = WAITS_MILLIS[tried++];
        // Many downloads that failed together must not come back together.
        Duration wait = failure.retryAfter()
                .orElseGet(() ->
                        Duration.ofMillis(usual + ThreadLocalRandom.current().nextLong(usual / 4)));
        if (wait.compareTo(LONGEST) > 0) {
            throw failure;
        }
        onWait.accept(failure, wait);
        pauses.pause(wait);
    }
}
