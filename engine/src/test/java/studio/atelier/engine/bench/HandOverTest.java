package studio.atelier.engine.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The time itself is the machine's affair; that it is one, and comes soon, is ours. */
final class HandOverTest {
    @Test
    void measuresAMoment() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one core");
        double measured = Double.NaN;
        // Where other programs have the cores an attempt may end without a figure; not all of a minute's.
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (Double.isNaN(measured) && System.nanoTime() < deadline) {
            measured = HandOver.nanos();
        }
        // Light takes a nanosecond for 30 cm; a round that was never answered would take none.
        assertTrue(measured > 1 && measured < 25_000, measured + " ns");
    }
}
