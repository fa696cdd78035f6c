package studio.atelier.engine.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The time itself is the machine's affair; that it is one, and comes soon, is ours. */
final class HandOverTest {
    @Test
    void measuresAMomentOrSaysThatItCouldNot() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one core");
        double measured = Double.NaN;
        for (int attempt = 0; attempt < 20 && Double.isNaN(measured); attempt++) {
            measured = HandOver.nanos();
        }
        assumeTrue(!Double.isNaN(measured), "other programs have the cores");
        // Light takes a nanosecond for 30 cm; a round that was never answered would take none.
        assertTrue(measured > 1 && measured < 25_000, measured + " ns");
    }
}
