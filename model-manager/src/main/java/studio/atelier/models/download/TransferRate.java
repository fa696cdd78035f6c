package studio.atelier.models.download;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How fast bytes come, and when they will all be there. The speed is that of the last seconds; the time left is told
 * only once the speed has been steady for a while, because a number that jumps is worse than none.
 */
public final class TransferRate {
    private static final long SAMPLE_NANOS = 250_000_000L;
    private static final long WINDOW_NANOS = 10_000_000_000L;
    private static final long STEADY_NANOS = 5_000_000_000L;
    private static final double STEADY_SHARE = 0.35;

    private record Sample(long nanos, long bytes) {}

    private final LongSupplier nanoTime;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long bytes;
    private long steadySinceNanos;
    private double steadySpeed;

    public TransferRate(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        restart();
    }

    /** Forgets the past, after a pause. */
    public synchronized void restart() {
        samples.clear();
        samples.add(new Sample(nanoTime.getAsLong(), bytes));
        steadySinceNanos = nanoTime.getAsLong();
        steadySpeed = 0;
    }

    /** Bytes came. */
    public synchronized void add(long more) {
        bytes += more;
        long now = nanoTime.getAsLong();
        if (now - samples.getLast().nanos() < SAMPLE_NANOS) {
            return;
        }
        samples.add(new Sample(now, bytes));
        while (samples.size() > 2 && now - samples.getFirst().nanos() > WINDOW_NANOS) {
            samples.removeFirst();
        }
        double speed = speed(now);
        if (Math.abs(speed - steadySpeed) > STEADY_SHARE * Math.max(speed, steadySpeed)) {
            steadySpeed = speed;
            steadySinceNanos = now;
        }
    }

    /** Of the last seconds; 0 when nothing came. */
    public synchronized double bytesPerSecond() {
        return speed(nanoTime.getAsLong());
    }

    private double speed(long now) {
        Sample oldest = samples.getFirst();
        long nanos = now - oldest.nanos();
        return nanos <= 0 ? 0 : (bytes - oldest.bytes()) * 1e9 / nanos;
    }

    /** Until this many more bytes are there; empty while nobody could tell. */
    public synchronized Optional<Duration> timeFor(long missingBytes) {
        long now = nanoTime.getAsLong();
        double speed = speed(now);
        boolean steady = now - steadySinceNanos >= STEADY_NANOS && speed >= 1;
        return steady ? Optional.of(Duration.ofMillis((long) (missingBytes * 1e3 / speed))) : Optional.empty();
    }
}
